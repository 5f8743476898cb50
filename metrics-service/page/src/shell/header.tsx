import { useLocation } from "preact-iso";
import { filterQuery, parseFilter } from "../filter/filter.ts";
import { LiveIndicator } from "./live-indicator.tsx";
import { SignedIn } from "./signed-in.tsx";

const views = [
  { path: "/", name: "Now" },
  { path: "/deployments", name: "Deployments" },
  { path: "/delivery", name: "Metrics" },
] as const;

/** Name of the page, its views, who looks, and whether it is live. The chosen service and environment go along to the next view. */
export function Header() {
  const { path, query } = useLocation();
  const { environment, service } = parseFilter(query);
  return (
    <header class="header">
      <a class="brand" href="/">
        <svg class="mark" viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
          <path d="M4 17h6l4-9 5 16 4-7h5" />
        </svg>
        Activity
      </a>
      <nav aria-label="Views">
        <ul>
          {views.map((view) => (
            <li key={view.path}>
              <a
                href={`${view.path}${filterQuery({ environment, service })}`}
                aria-current={isWithin(path, view.path) ? "page" : undefined}
              >
                {view.name}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="header-end">
        <SignedIn />
        <LiveIndicator />
      </div>
    </header>
  );
}

function isWithin(path: string, view: string): boolean {
  return path === view || (view !== "/" && path.startsWith(`${view}/`));
}
