import "./style/page.css";
import { render } from "preact";
import { App } from "./app.tsx";
import { keepAlive } from "./live/keep-alive.ts";
import { LiveConnection } from "./live/live-connection.ts";
import { ServerClock } from "./live/server-clock.ts";
import { PageContext } from "./page-context.ts";
import { Ticker } from "./time/ticker.ts";

const clock = new ServerClock();
const url = new URL("/live", location.href);
url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
const live = new LiveConnection({ url: url.href, clock });
keepAlive(live);

const root = document.getElementById("app");
if (root === null) throw new Error("the page has no place for the app");
render(
  <PageContext.Provider value={{ live, clock, ticker: new Ticker() }}>
    <App />
  </PageContext.Provider>,
  root,
);
