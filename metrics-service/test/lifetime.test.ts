import { connect as connectSocket } from "node:net";
import { ActivityEventsClient } from "@activity-events/client";
import { freePort } from "@activity-events/testing/free-port";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { LiveClient } from "./live-client.ts";
import { openPage } from "./page-server.ts";

test("a page that is opened before the service starts, and while it restarts, is told, and goes on by itself", async () => {
  using folder = temporaryFolder();
  const port = await freePort();
  const environment = { PORT: `${port}`, STORE: "sqlite", DATA_DIR: folder.path };
  await using page = await openPage({ service: `127.0.0.1:${port}` });
  using live = new LiveClient(page.url);
  await live.opened();
  live.subscribe({ subscription: "s", deployments: {} });
  live.subscribe({ subscription: "e", deployment: { deploymentId: "d" } });
  await until(() => live.alive.some(({ fault }) => fault !== undefined), "the page is told that nothing listens");
  expect(live.alive.some(({ isServiceReached }) => isServiceReached)).toBe(false);

  {
    await using service = new ServiceProcess({ environment });
    await service.line(({ message }) => message === "listening");
    await record(port, "1");
    await until(() => live.alive.at(-1)?.isServiceReached === true, "the service is reached");
    await until(() => live.shown("s").size === 1 && live.events("e").length === 1, "what it has is shown");
    service.kill("SIGKILL");
    await until(() => live.alive.at(-1)?.isServiceReached === false, "the page is told that the service is away");
    expect(live.alive.at(-1)?.fault).toMatch(/./);
  }
  await using again = new ServiceProcess({ environment });
  await again.line(({ message }) => message === "listening");
  await record(port, "2");

  await until(() => live.shown("s").get("d")?.headSequence === "2", "the change is shown");
  await until(() => live.events("e").length >= 2, "the event is shown");
  expect(live.events("e").map(({ message }) => message)).toEqual(["1", "2"]);
  expect(live.alive.at(-1)).toMatchObject({ isServiceReached: true });
  expect(live.isOpen).toBe(true);
});

test("a server that ends tells its pages to come back, and waits for none that does not listen", async () => {
  await using service = new ServiceProcess();
  const { address } = await service.line(({ message }) => message === "listening");
  await using page = await openPage({ service: String(address) });
  using live = new LiveClient(page.url);
  await live.opened();
  live.subscribe({ subscription: "e", deployment: { deploymentId: "d" } });
  const idle = connectSocket(page.port, "127.0.0.1").on("error", () => {});

  await page.end();

  await until(() => live.closed !== undefined, "the socket is closed");
  expect(live.closed).toEqual({ code: 1012, reason: "the server restarts" });
  idle.destroy();
  await expect(fetch(`${page.url}/healthz`)).rejects.toThrow();
});

test("the service has one watch for all pages, and none when all have left", async () => {
  await using service = new ServiceProcess();
  const { address } = await service.line(({ message }) => message === "listening");
  await using page = await openPage({ service: String(address) });
  const ended = () => service.log.filter(({ method }) => String(method).endsWith("/WatchDeployments"));
  {
    using one = new LiveClient(page.url);
    using other = new LiveClient(page.url);
    await Promise.all([one.opened(), other.opened()]);
    for (const live of [one, other]) live.subscribe({ subscription: "s", deployments: {} });
    await Promise.all([one.caughtUp("s"), other.caughtUp("s")]);
    expect(ended()).toEqual([]);
  }

  await until(() => ended().length > 0, "the watch has ended");

  expect(ended()).toHaveLength(1);
});

async function record(port: number, message: string): Promise<void> {
  const client = new ActivityEventsClient({ address: `127.0.0.1:${port}`, tls: false });
  await client.createEvent({ event: { deploymentId: "d", type: "deployment.progress", message } });
  client.close();
}
