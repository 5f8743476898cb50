import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd } from "@activity-events/testing/cloud-stack";

/** Stands between Pub/Sub's push and the mirror. */
export interface PokeProxy {
  /** For startStack: puts the proxy before the mirror. */
  readonly pushThrough: (endpoint: string) => string;
  /** Pokes that were acknowledged and thrown away. */
  readonly lost: number;
  /** Pokes and sweeps that were pushed again, since the mirror had not acknowledged them. */
  readonly pushedAgain: number;
  /** Resolves when something is pushed that gets through: the mirror is at work. */
  nextPush(): Promise<void>;
  /** Is told whether a poke is to be thrown away. */
  loses: () => boolean;
}

interface Push {
  readonly message: { readonly messageId: string; readonly data: string };
}

/** Opens a proxy that forwards all, until it is told which pokes to throw away; sweeps always get through. */
export async function openPokeProxy(): Promise<PokeProxy> {
  const waiting = new Set<() => void>();
  const unacknowledged = new Set<string>();
  let target = "";
  let lost = 0;
  let pushedAgain = 0;
  const server = createServer(async (push, answer) => {
    const body = await bytesOf(push);
    const { message } = JSON.parse(body.toString()) as Push;
    const { kind } = JSON.parse(Buffer.from(message.data, "base64").toString());
    if (unacknowledged.has(message.messageId)) pushedAgain += 1;
    if (kind === "poke" && proxy.loses()) {
      lost += 1;
      answer.writeHead(204).end();
      return;
    }
    unacknowledged.add(message.messageId);
    for (const wake of waiting) wake();
    waiting.clear();
    if ((await forward(push, body, answer)) === 204) unacknowledged.delete(message.messageId);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const proxy: PokeProxy = {
    pushThrough: (endpoint) => {
      target = new URL(endpoint).origin;
      return `http://127.0.0.1:${port}${new URL(endpoint).pathname}`;
    },
    get lost() {
      return lost;
    },
    get pushedAgain() {
      return pushedAgain;
    },
    nextPush: () => new Promise((resolve) => waiting.add(resolve)),
    loses: () => false,
  };
  return proxy;

  /** Answers as the mirror does, or breaks the connection as it does; resolves with the status, if any. */
  function forward(push: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<number | undefined> {
    return new Promise((resolve) => {
      const forwarded = request(
        `${target}${push.url}`,
        { method: "POST", agent: false, headers: { "content-type": "application/json" } },
        (answered) => {
          answered.resume();
          answer.writeHead(answered.statusCode ?? 500).end();
          resolve(answered.statusCode);
        },
      );
      forwarded.on("error", () => {
        answer.destroy();
        resolve(undefined);
      });
      forwarded.end(body);
    });
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
