import type { EventStore } from "@activity-events/event-store";
import type { Logger } from "pino";
import { ByteBudget } from "./application/byte-budget.ts";
import { DeploymentEditor } from "./application/deployment-editor.ts";
import { DeploymentWatcher } from "./application/deployment-watcher.ts";
import { EventIngester } from "./application/event-ingester.ts";
import { EventRecorder } from "./application/event-recorder.ts";
import type { StreamFault } from "./application/event-stream.ts";
import { EventStreamer } from "./application/event-streamer.ts";
import { Health } from "./application/health.ts";
import type { Poker } from "./application/poker.ts";
import type { StreamTimes } from "./application/stream-times.ts";
import type { Clock } from "./clock.ts";
import type { AccessGate } from "./grpc/access/access-gate.ts";
import { emptyEvent, previewOf } from "./grpc/codec/empty-event.ts";
import { encodeStreamedEvents } from "./grpc/codec/encode.ts";
import { storedFacts } from "./grpc/codec/event-codec.ts";
import { noticeEvent } from "./grpc/codec/notice-event.ts";
import { readableStore } from "./grpc/codec/readable-store.ts";
import { CallHeaders } from "./grpc/server/call-headers.ts";
import { Connections } from "./grpc/server/connections.ts";
import { createHandlers } from "./grpc/server/handlers.ts";
import { createServer, listen, plainText } from "./grpc/server/server.ts";
import type { Certificates } from "./grpc/tls/certificate-files.ts";
import { RenewableCredentials } from "./grpc/tls/renewable-credentials.ts";
import { limits } from "./limits.ts";

interface ServiceOptions {
  readonly store: EventStore;
  readonly poker: Poker;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Returns a number from 0 to 1, for the jitter of stream ages. */
  readonly random: () => number;
  /** Returns the times of a new stream. */
  readonly streamTimes: () => StreamTimes;
  /** Receives faults that should never occur. */
  readonly onFault: (fault: StreamFault) => void;
  /** Lets calls in. */
  readonly gate: AccessGate;
  /** True if the server describes its contract to anybody who asks. */
  readonly reflects: boolean;
}

const editCodec = { empty: emptyEvent, preview: previewOf, factsOf: storedFacts, notice: noticeEvent };

/** Wires the whole service between store and port, for the process and for tests. */
export class Service {
  readonly store: EventStore;
  readonly recorder: EventRecorder;
  readonly streamer: EventStreamer;
  readonly watcher: DeploymentWatcher;
  readonly ingester: EventIngester;
  readonly editor: DeploymentEditor;
  readonly health = new Health();
  /** Bytes that the calls hold. */
  readonly budget = new ByteBudget();
  readonly #poker: Poker;
  readonly #connections = new Connections();
  readonly #server: ReturnType<typeof createServer>;
  #headers: CallHeaders | undefined;
  #tls: RenewableCredentials | undefined;

  constructor(options: ServiceOptions) {
    const { store: opened, poker, logger, clock, random, streamTimes, onFault } = options;
    const { gate, reflects } = options;
    const { health, budget } = this;
    const store = readableStore(opened);
    this.store = store;
    this.#poker = poker;
    this.recorder = new EventRecorder(store, poker);
    const encodeEvents = encodeStreamedEvents;
    this.streamer = new EventStreamer({ store, encodeEvents, streamTimes, random, onFault });
    this.watcher = new DeploymentWatcher({ store, streamTimes, random, onFault });
    this.ingester = new EventIngester({ store, poker, budget, streamTimes, random });
    this.editor = new DeploymentEditor({
      store,
      poker,
      codec: editCodec,
      onEdited: (deploymentId) => this.streamer.forget(deploymentId),
    });
    const { recorder, streamer, watcher, ingester, editor } = this;
    const parts = { store, recorder, streamer, watcher, ingester, editor, health, clock };
    const handlers = createHandlers({ ...parts, log: logger, reflects });
    this.#server = createServer({ budget, gate, connections: this.#connections, handlers, log: logger });
  }

  /**
   * Listens and returns the port, a free one for 0; speaks plain text without certificates. Throws a one-sentence error if the
   * address is not available.
   */
  async listen(host: string, port: number, certificates?: Certificates): Promise<number> {
    this.#tls = certificates && new RenewableCredentials(certificates);
    const bound = await listen(this.#server, host, port, this.#tls ?? plainText);
    this.#headers = new CallHeaders(bound);
    return bound;
  }

  /** Has new connections use these certificates, in place of those that it listens with. */
  renew(certificates: Certificates): void {
    this.#tls?.renew(certificates);
  }

  /**
   * Drains: reports not serving, ends streams with goaway and OK, gives appends 5 s, and closes store and poker.
   * Resolves within 8 s; throws if one of them cannot be closed.
   */
  async drain(): Promise<void> {
    const late = after(limits.drainTimeMs - 1_000);
    const last = after(limits.drainTimeMs - 500);
    this.#takeNoMore();
    const calls = new Promise<void>((resolve) => this.#server.tryShutdown(() => resolve()));
    await Promise.race([calls, late]);
    // The remaining calls belong to readers that do not read.
    this.#letGo();
    // A store that is closed in order leaves a single complete file; it gets the remaining time.
    await Promise.race([this.#closeAll(), last]);
  }

  /** Ends at once, with pending calls. */
  async end(): Promise<void> {
    this.#takeNoMore();
    this.#letGo();
    await this.#closeAll();
  }

  #takeNoMore(): void {
    this.health.drain();
    this.recorder.drain();
    this.streamer.drain();
    this.watcher.drain();
    this.ingester.drain();
    this.editor.drain();
  }

  #letGo(): void {
    this.#server.forceShutdown();
    this.#connections[Symbol.dispose]();
    this.#headers?.[Symbol.dispose]();
  }

  /** Closes both, even if one fails. */
  async #closeAll(): Promise<void> {
    const closed = await Promise.allSettled([this.store.close(), this.#poker.close()]);
    for (const one of closed) if (one.status === "rejected") throw one.reason;
  }
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
