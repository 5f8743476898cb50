import { request } from "node:http";

interface Upgrade {
  readonly path?: string;
  readonly protocol?: string;
  readonly origin?: string;
  readonly host?: string;
  readonly authorization?: string;
}

/** Asks for a WebSocket; returns the status of the answer, 101 if it is opened. */
export function upgradeStatus(
  url: string,
  { path = "/live", protocol = "activity-events.v1", origin, host, authorization }: Upgrade,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-protocol": protocol,
        ...(origin !== undefined && { origin }),
        ...(host !== undefined && { host }),
        ...(authorization !== undefined && { authorization }),
      },
    });
    asked.on("response", ({ statusCode = 0 }) => {
      asked.destroy();
      resolve(statusCode);
    });
    asked.on("upgrade", (_, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.on("error", reject);
    asked.end();
  });
}
