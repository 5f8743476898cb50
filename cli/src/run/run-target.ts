import { ActivityEventsClient } from "@activity-events/client";
import type { Config } from "../config.ts";
import { explainConnection } from "../connection/explain-connection.ts";
import { findConnectionFault } from "../connection/find-connection-fault.ts";
import { type ContextFlags, chooseService } from "../contexts/choose-service.ts";
import { type Context, connectionText } from "../contexts/context.ts";
import { connectionOf } from "../contexts/context-from-flags.ts";
import { serviceAddress } from "../program/service-address.ts";

/** The service that a run is recorded at. */
export interface RunTarget {
  readonly connection: Context;
  /** Name of the service for messages. */
  readonly name: string;
  /** Finds the service, which Cloud Run may have to tell, and opens a client. Throws an `AccessError` or a `UsageError`. */
  readonly connect: () => Promise<ActivityEventsClient>;
  /** Connects once more to find out why calls fail; undefined where that tells nothing. Takes up to some seconds. */
  readonly explain: () => Promise<string | undefined>;
}

/** Returns the service that flags, environment or the context in use name. Throws a `UsageError`. Connects to nothing. */
export function runTarget(flags: ContextFlags, config: Config): RunTarget {
  const chosen = chooseService(flags, config);
  const connection = connectionOf(chosen.flags, config);
  return {
    connection,
    name: connectionText(connection),
    connect: async () => new ActivityEventsClient(await serviceAddress(chosen.flags, config)),
    explain: async () => {
      // Only its own address is looked at; Cloud Run says itself what it does not find, and a proxy resolves names itself.
      if (!("address" in connection) || config.proxyVariable !== undefined) return undefined;
      const service = await serviceAddress(chosen.flags, config);
      return explainConnection(await findConnectionFault(service), service);
    },
  };
}
