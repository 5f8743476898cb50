import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { freePort } from "@activity-events/testing/free-port";
import { until } from "@activity-events/testing/until";
import { expect, test } from "@jest/globals";
import { StartedAll } from "./started-all.ts";

test("all three say on one line each where they are, and the page shows what the webhooks took in", async () => {
  await using all = new StartedAll();
  const { url, webhooksUrl } = await all.listening();
  const lines = all.launcher.log.map(({ message }) => message);
  const headers = { "content-type": "application/json", "ce-specversion": "1.0", "ce-type": "com.example.deployed" };

  const taken = await fetch(`${webhooksUrl}/cloudevents`, {
    method: "POST",
    headers: { ...headers, "ce-id": "first", "ce-source": "https://example.com", "ce-subject": "release-42" },
    body: "{}",
  });
  const answer = await fetch(`${url}/api/deployments`);

  expect(lines).toEqual(["listening", "listening", "listening"]);
  expect(taken.status).toBe(201);
  expect(await answer.json()).toMatchObject({ deployments: [{ deploymentId: expect.stringContaining("release-42") }] });
});

test("PORT is the service's alone", async () => {
  const port = String(await freePort());
  await using all = new StartedAll({ environment: { PORT: port } });

  const { address, url, webhooksUrl } = await all.listening();

  expect(address).toBe(`127.0.0.1:${port}`);
  expect([url, webhooksUrl].filter((other) => new URL(other).port === port)).toEqual([]);
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "%s stops the page and the webhooks, and only then the service",
  async (signal) => {
    await using all = new StartedAll();
    const { url } = await all.listening();
    const unfinished = await beginRequest(url);

    all.launcher.kill(signal);
    await until(() => all.count("draining") === 2, "the page and the webhooks drain");
    await all.record("while-the-page-drains");
    unfinished.destroy();

    expect((await all.launcher.ended).code).toBe(0);
    expect([all.count("draining"), all.count("stopped")]).toEqual([3, 3]);
  },
);

test("another signal ends all at once", async () => {
  await using all = new StartedAll();
  const { url } = await all.listening();
  using unfinished = await beginRequest(url);
  all.launcher.kill("SIGTERM");
  await all.launcher.line(({ message }) => message === "draining");

  // Signals that come soon after the first count as the first.
  const repeat = setInterval(() => all.launcher.kill("SIGTERM"), 50);
  // The page is gone. A further signal could meet the launcher where it ends by itself.
  unfinished.once("close", () => clearInterval(repeat));
  const { code } = await all.launcher.ended;
  clearInterval(repeat);

  expect(code).toBe(1);
});

test.each([
  ["page", "PAGE_PORT", { PAGE_ACCESS: "nobody" }],
  ["webhooks", "WEBHOOKS_PORT", { WEBHOOKS_OIDC_ACCOUNTS: "push@example.com" }],
])("a start that fails for the %s stops all, and tells exit code and reason", async (_, portName, wrong) => {
  using taken = await listenSomewhere();
  await using noPort = new StartedAll({ environment: { [portName]: String(taken.port) } });
  await using refused = new StartedAll({ environment: wrong });

  expect((await noPort.launcher.ended).code).toBe(1);
  expect(noPort.launcher.errors).toContain(`set ${portName}`);
  // The service, and the other one if it listened by then.
  expect(noPort.count("stopped")).toBe(noPort.count("listening"));
  expect(noPort.launcher.log).toContainEqual(expect.objectContaining({ message: "stopped" }));
  expect((await refused.launcher.ended).code).toBe(2);
  expect(refused.launcher.errors).toContain(Object.keys(wrong)[0]);
});

test("a service that cannot start is told, and there is nothing else", async () => {
  await using all = new StartedAll({ environment: { STORE: "cloud" } });

  const { code } = await all.launcher.ended;

  expect(code).toBe(2);
  expect(all.launcher.errors).toMatch(/^activity_server: STORE must be/);
  expect(all.launcher.log).toEqual([]);
});

test("a stop during the start stops what has started", async () => {
  await using all = new StartedAll();
  await all.launcher.line(({ address }) => address !== undefined);

  all.launcher.kill("SIGTERM");

  expect(await all.launcher.ended).toEqual({ code: 0, signal: null });
});

test("the page finds the service also when nobody logs that it listens", async () => {
  const pagePort = String(await freePort());
  await using all = new StartedAll({ environment: { LOG_LEVEL: "error", PAGE_PORT: pagePort } });

  const isAnswered = async () =>
    (await fetch(`http://127.0.0.1:${pagePort}/api/deployments`).catch(() => undefined))?.ok ?? false;

  await until(isAnswered, "the page answers");
  expect(all.launcher.output).toEqual([]);
});

test("--accept-loss goes to the service, and the others come too", async () => {
  await using all = new StartedAll({ arguments: ["--accept-loss"], environment: { STORE: "sqlite" } });

  const { url } = await all.listening();

  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test.each([
  [["--help"], 0, /npm run start:page[\s\S]*npm run webhooks[\s\S]*activity_server/],
  [["check", "--help"], 0, /^Usage: .*check/],
  [["--version"], 0, /^activity_server \d/],
])("%j goes to activity_server alone", async (args, exitCode, output) => {
  await using all = new StartedAll({ arguments: args });

  expect((await all.launcher.ended).code).toBe(exitCode);
  expect(all.launcher.output.join("\n")).toMatch(output);
});

test("wrong arguments are refused with the service's exit code", async () => {
  await using all = new StartedAll({ arguments: ["--bogus"] });

  expect((await all.launcher.ended).code).toBe(2);
  expect(all.launcher.errors).toContain("unknown argument --bogus");
});

/** Takes a port. */
async function listenSomewhere(): Promise<{ readonly port: number } & Disposable> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => server.close() };
}

/** Sends the beginning of a request, for whose end a draining server waits. */
async function beginRequest(url: string): Promise<Socket & Disposable> {
  const { port } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\n");
  return Object.assign(socket, { [Symbol.dispose]: () => socket.destroy() });
}
