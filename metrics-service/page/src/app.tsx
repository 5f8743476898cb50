import { useState } from "preact/hooks";
import { ErrorBoundary, LocationProvider, lazy, Route, Router, useLocation } from "preact-iso";
import { DeploymentView } from "./deployment/deployment-view.tsx";
import { DeploymentsView } from "./deployments/deployments-view.tsx";
import { NowView } from "./now/now-view.tsx";
import { Empty } from "./shell/empty.tsx";
import { Header } from "./shell/header.tsx";
import { NotLive } from "./shell/not-live.tsx";

// With a newer page on the server, what this one would load is gone.
const DeliveryView = lazy(() =>
  import("./delivery/delivery-view.tsx").then(
    (module) => module.DeliveryView,
    () => ViewFailed,
  ),
);

/** The whole page: what is always there, and the view of the URL. */
export function App() {
  return (
    <LocationProvider>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header />
      <NotLive />
      <main id="main" tabIndex={-1}>
        <Views />
      </main>
    </LocationProvider>
  );
}

function Views() {
  const { path } = useLocation();
  const [failedPath, setFailedPath] = useState<string>();
  if (failedPath === path) return <ViewFailed />;
  return (
    <ErrorBoundary onError={() => setFailedPath(path)}>
      <Router onRouteChange={focusMain}>
        <Route path="/" component={NowView} />
        <Route path="/deployments" component={DeploymentsView} />
        <Route path="/deployments/*" component={DeploymentView} />
        <Route path="/delivery" component={DeliveryView} />
        <Route default component={NoView} />
      </Router>
    </ErrorBoundary>
  );
}

function ViewFailed() {
  return (
    <Empty isView title="This view could not be shown.">
      <p>The page may have a newer version.</p>
      <button type="button" onClick={() => location.reload()}>
        Reload
      </button>
    </Empty>
  );
}

/** After a change of the view the keyboard and the screen reader go on at its beginning. */
function focusMain(): void {
  document.getElementById("main")?.focus({ preventScroll: true });
}

function NoView() {
  return (
    <Empty isView title="There is no such page.">
      <p>
        <a href="/">What runs now</a> and <a href="/deployments">all deployments</a> are there.
      </p>
    </Empty>
  );
}
