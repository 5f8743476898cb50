import { join } from "node:path";
import { type EventStore, openEventStore } from "@activity-events/event-store";
import pino from "pino";
import { ByteBudget } from "../src/application/byte-budget.ts";
import { EventIngester } from "../src/application/event-ingester.ts";
import { EventRecorder } from "../src/application/event-recorder.ts";
import { EventStreamer } from "../src/application/event-streamer.ts";
import { Health } from "../src/application/health.ts";
import type { StreamFault } from "../src/application/open-stream.ts";
import { noPoker } from "../src/application/poker.ts";
import { type Clock, systemClock } from "../src/clock.ts";
import { contentCodec } from "../src/content-codec.ts";
import { CallHeaders } from "../src/grpc/call-headers.ts";
import { encodeStreamedEvents } from "../src/grpc/encode.ts";
import { createHandlers } from "../src/grpc/handlers.ts";
import { OpenConnections } from "../src/grpc/open-connections.ts";
import { readableStore } from "../src/grpc/readable-store.ts";
import { refuseCall } from "../src/grpc/refuse-call.ts";
import { createServer, listen } from "../src/grpc/server.ts";
import { statusWithReason } from "../src/grpc/status-with-reason.ts";
import { OnDemand } from "../src/on-demand.ts";
import { leftOver } from "./left-over.ts";
import { ServiceClient } from "./service-client.ts";
import type { LogLine } from "./service-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

interface EmbedServiceOptions {
  readonly store?: "memory" | "sqlite";
  /** Puts something between the service and its store: what the world outside may do to it. */
  readonly around?: (store: EventStore) => EventStore;
  readonly clock?: Clock;
  readonly heartbeatIntervalMs?: number;
  readonly streamMaxAgeMs?: number;
  readonly random?: () => number;
  /** Until then what answers calls is not loaded. */
  readonly untilLoaded?: Promise<void>;
}

/** The service within the test's own process, where the test holds its clock and what its store meets. */
export interface EmbeddedService extends AsyncDisposable {
  readonly address: string;
  readonly client: ServiceClient;
  readonly store: EventStore;
  readonly recorder: EventRecorder;
  readonly streamer: EventStreamer;
  readonly ingester: EventIngester;
  readonly health: Health;
  /** What its calls hold. */
  readonly budget: ByteBudget;
  /** What should never be, as it was noticed. */
  readonly faults: readonly StreamFault[];
  readonly log: readonly LogLine[];
}

/** Wires the service as service.ts does, listening on a free port. */
export async function embedService(options: EmbedServiceOptions = {}): Promise<EmbeddedService> {
  const { store: kind = "memory", around = (store) => store, clock = systemClock() } = options;
  const folder = temporaryFolder();
  const file = join(folder.path, "events.db");
  await contentCodec.load();
  const opened = await openEventStore(kind === "memory" ? { store: kind } : { store: kind, file }, contentCodec);
  const store = readableStore(around(opened));
  const faults: StreamFault[] = [];
  const log: LogLine[] = [];
  const budget = new ByteBudget();
  const recorder = new EventRecorder(store, noPoker);
  const streamer = new EventStreamer({
    store,
    encodeEvents: encodeStreamedEvents,
    heartbeatIntervalMs: options.heartbeatIntervalMs ?? 15_000,
    streamMaxAgeMs: options.streamMaxAgeMs ?? 3_300_000,
    random: options.random ?? (() => 1),
    onFault: (fault) => faults.push(fault),
  });
  const ingester = new EventIngester({
    store,
    poker: noPoker,
    budget,
    streamMaxAgeMs: options.streamMaxAgeMs ?? 3_300_000,
    random: options.random ?? (() => 1),
  });
  const health = new Health();
  const logger = pino({ base: null, messageKey: "message" }, { write: (line) => log.push(JSON.parse(line)) });
  const connections = new OpenConnections();
  const handlers = createHandlers({ store, recorder, streamer, ingester, health, clock, log: logger });
  const calls = new OnDemand(async () => {
    await options.untilLoaded;
    return { handlers, refuse: refuseCall(logger), statusWithReason };
  });
  const server = createServer({ health, budget, connections, calls });
  const port = await listen(server, "127.0.0.1", 0);
  const callHeaders = new CallHeaders(port);
  const address = `127.0.0.1:${port}`;
  const client = new ServiceClient(address);
  const service: EmbeddedService = {
    address,
    client,
    store,
    recorder,
    streamer,
    ingester,
    health,
    budget,
    faults,
    log,
    [Symbol.asyncDispose]: async () => {
      if (!leftOver.delete(service)) return;
      client.close();
      health.drain();
      streamer.drain();
      ingester.drain();
      server.forceShutdown();
      connections[Symbol.dispose]();
      callHeaders[Symbol.dispose]();
      await opened.close();
      folder[Symbol.dispose]();
    },
  };
  leftOver.add(service);
  return service;
}
