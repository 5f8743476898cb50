import { connect, createServer, type Socket } from "node:net";

/** A proxy to a server that can fail like a network. */
export interface TcpProxy {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Bytes from the server that were lost. */
  readonly lostBytes: number;
  /** Stops all traffic but keeps connections open. */
  cutOff(): void;
  /** Does so once so many more bytes of the server's answers have passed. */
  cutOffAfter(answerBytes: number): void;
  /** Drops the server's answers; requests still arrive. */
  loseAnswers(): void;
  /** Resets connections that lost something, and passes all traffic again. */
  restore(): void;
  close(): Promise<void>;
}

/** Opens a proxy in front of `host:port`. */
export async function openTcpProxy(target: string): Promise<TcpProxy> {
  const [host = "", port = ""] = target.split(":");
  const pairs = new Set<readonly [Socket, Socket]>();
  let mode: "through" | "cut off" | "answers lost" = "through";
  let lostBytes = 0;
  let bytesLeft = Number.POSITIVE_INFINITY;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    client.on("data", (bytes) => {
      if (mode !== "cut off") upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (mode !== "through") {
        lostBytes += bytes.length;
        return;
      }
      client.write(bytes);
      bytesLeft -= bytes.length;
      if (bytesLeft <= 0) mode = "cut off";
    });
    for (const socket of pair) {
      socket.on("error", () => {});
      socket.on("close", () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const reset = () => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
  };
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    address: `127.0.0.1:${address.port}`,
    get lostBytes() {
      return lostBytes;
    },
    cutOff: () => {
      mode = "cut off";
    },
    cutOffAfter: (answerBytes) => {
      bytesLeft = answerBytes;
    },
    loseAnswers: () => {
      mode = "answers lost";
    },
    restore: () => {
      mode = "through";
      bytesLeft = Number.POSITIVE_INFINITY;
      reset();
    },
    close: async () => {
      reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
