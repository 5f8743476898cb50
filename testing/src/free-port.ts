import { createServer } from "node:net";

const given = new Set<number>();

/**
 * A port of loopback that is free now, below those that the system gives to outgoing connections, so that it stays free;
 * none is given twice, since it is taken only later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (given.has(port)) continue;
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    given.add(port);
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
