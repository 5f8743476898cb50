import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Socket } from "node:net";

/** What befalls the connections that are open once so many more bytes have come from the service; new ones get through. */
export interface Mishap {
  readonly afterBytes: number;
  /**
   * They are cut in the middle of whatever is on its way; nothing comes through any more, though nobody is told so; or all
   * of it comes late.
   */
  readonly kind: "cut" | "freeze" | "stall";
  readonly stallMs: number;
}

/** A way to a service on this machine on which connections have mishaps. */
export interface UnreliableProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** How many mishaps there were. */
  readonly happened: number;
  /** How many connections were opened. */
  readonly connections: number;
  /** How many connections are frozen, and not yet given up by the client. */
  readonly frozen: number;
}

/** One connection through the proxy. */
class Link {
  readonly near: Socket;
  readonly far: Socket;
  /** What waits while it is stalled. */
  #held: (() => void)[] | undefined;
  #isFrozen = false;

  constructor(near: Socket, far: Socket) {
    this.near = near;
    this.far = far;
  }

  pass(deed: () => void): void {
    if (this.#isFrozen) return;
    if (this.#held === undefined) deed();
    else this.#held.push(deed);
  }

  suffer({ kind, stallMs }: Mishap): void {
    if (kind === "cut") this.destroy();
    else if (kind === "freeze") this.#isFrozen = true;
    else if (this.#held === undefined) this.#stall(stallMs);
  }

  get isFrozen(): boolean {
    return this.#isFrozen && !this.near.destroyed;
  }

  destroy(): void {
    this.near.destroy();
    this.far.destroy();
  }

  #stall(ms: number): void {
    const held: (() => void)[] = [];
    this.#held = held;
    const resume = () => {
      this.#held = undefined;
      if (!this.#isFrozen) for (const deed of held) deed();
    };
    setTimeout(resume, ms).unref();
  }
}

/** Opens a proxy; its mishaps happen one after the other. */
export async function openUnreliableProxy(targetPort: number, mishaps: readonly Mishap[]): Promise<UnreliableProxy> {
  const links = new Set<Link>();
  let [connections, happened, bytes] = [0, 0, 0];
  const fromService = (link: Link, chunk: Buffer) => {
    const next = mishaps[happened];
    // When it strikes, a part gets through: half a frame, half a message.
    const passing = next === undefined ? chunk.length : Math.min(chunk.length, next.afterBytes - bytes);
    link.pass(() => link.near.write(chunk.subarray(0, passing)));
    bytes += passing;
    if (next === undefined || bytes < next.afterBytes) return;
    bytes = 0;
    happened += 1;
    for (const one of links) one.suffer(next);
    link.pass(() => link.near.write(chunk.subarray(passing)));
  };
  const server = createServer((near) => {
    connections += 1;
    const link = new Link(near, dial(targetPort, "127.0.0.1"));
    links.add(link);
    near.on("data", (chunk: Buffer) => link.pass(() => link.far.write(chunk)));
    link.far.on("data", (chunk: Buffer) => fromService(link, chunk));
    for (const end of [near, link.far]) {
      end.on("error", () => {});
      end.on("close", () => link.pass(() => link.destroy()));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get happened() {
      return happened;
    },
    get connections() {
      return connections;
    },
    get frozen() {
      return [...links].filter(({ isFrozen }) => isFrozen).length;
    },
    async [Symbol.asyncDispose]() {
      for (const link of links) link.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
