import { join } from "node:path";
import { type EventStore, openEventStore } from "@activity-events/event-store";
import { leftOver } from "@activity-events/testing/left-over";
import { ServiceClient } from "@activity-events/testing/service-client";
import type { LogLine } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { credentials } from "@grpc/grpc-js";
import pino from "pino";
import type { StreamFault } from "../src/application/event-stream.ts";
import { noPoker, type Poker } from "../src/application/poker.ts";
import { Retention } from "../src/application/retention.ts";
import { type Clock, systemClock } from "../src/clock.ts";
import { contentCodec } from "../src/content-codec.ts";
import { AccessGate } from "../src/grpc/access/access-gate.ts";
import { AdminToken } from "../src/grpc/access/admin-token.ts";
import { noShares } from "../src/grpc/access/shares.ts";
import type { Certificates } from "../src/grpc/tls/certificate-files.ts";
import { Service } from "../src/service.ts";

interface EmbedServiceOptions {
  readonly store?: "memory" | "sqlite";
  /** Puts something between the service and its store: what the world outside may do to it. */
  readonly around?: (store: EventStore) => EventStore;
  readonly poker?: Poker;
  readonly clock?: Clock;
  readonly heartbeatIntervalMs?: number;
  readonly streamMaxAgeMs?: number;
  readonly random?: () => number;
  /** Token of admin calls; without one they are refused. */
  readonly adminToken?: string;
  /** Certificates of TLS for `localhost`; without them the service speaks plain text. */
  readonly certificates?: Certificates;
  readonly retention?: Retention;
}

const keptForEver = new Retention(new Map());

/** The service within the test's own process, where the test holds its clock and what its store meets. */
export interface EmbeddedService extends AsyncDisposable {
  readonly address: string;
  readonly client: ServiceClient;
  readonly store: EventStore;
  readonly recorder: Service["recorder"];
  readonly streamer: Service["streamer"];
  readonly ingester: Service["ingester"];
  readonly expiry: Service["expiry"];
  readonly health: Service["health"];
  /** What its calls hold. */
  readonly budget: Service["budget"];
  /** What should never be, as it was noticed. */
  readonly faults: readonly StreamFault[];
  readonly log: readonly LogLine[];
}

/** The service on a free port. */
export async function embedService(options: EmbedServiceOptions = {}): Promise<EmbeddedService> {
  const { store: kind = "memory", around = (store) => store, clock = systemClock() } = options;
  const folder = temporaryFolder();
  const file = join(folder.path, "events.db");
  const opened = await openEventStore(kind === "memory" ? { store: kind } : { store: kind, file }, contentCodec);
  const { heartbeatIntervalMs = 15_000, streamMaxAgeMs = 3_300_000 } = options;
  const faults: StreamFault[] = [];
  const log: LogLine[] = [];
  const logger = pino({ base: null, messageKey: "message" }, { write: (line) => log.push(JSON.parse(line)) });
  const service = new Service({
    store: around(opened),
    poker: options.poker ?? noPoker,
    gate: new AccessGate({
      access: undefined,
      adminToken: new AdminToken(options.adminToken, "no admin token"),
      shareLimits: () => noShares,
      logger,
    }),
    reflects: true,
    retention: () => options.retention ?? keptForEver,
    logger,
    clock,
    random: options.random ?? (() => 1),
    streamTimes: () => ({ heartbeatIntervalMs, streamMaxAgeMs }),
    onFault: (fault) => faults.push(fault),
  });
  const port = await service.listen("127.0.0.1", 0, options.certificates);
  const address = `127.0.0.1:${port}`;
  const client = clientOf(address, options.certificates);
  const { store, recorder, streamer, ingester, expiry, health, budget } = service;
  const embedded: EmbeddedService = {
    ...{ address, client, store, recorder, streamer, ingester, expiry, health, budget, faults, log },
    [Symbol.asyncDispose]: async () => {
      if (!leftOver.delete(embedded)) return;
      client.close();
      await service.end();
      folder[Symbol.dispose]();
    },
  };
  leftOver.add(embedded);
  return embedded;
}

/** The certificate is trusted by itself or by its issuers, which stand below it in its file. */
function clientOf(address: string, certificates: Certificates | undefined): ServiceClient {
  if (certificates === undefined) return new ServiceClient(address);
  const own = Buffer.from(certificates.texts.certificate);
  return new ServiceClient(address.replace("127.0.0.1", "localhost"), {}, credentials.createSsl(own));
}
