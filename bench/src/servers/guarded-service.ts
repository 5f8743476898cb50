import { type Proof, writeAccess } from "../access/bench-access.ts";
import type { Scratch } from "../scratch.ts";
import { startActivityService } from "./activity-service.ts";
import type { Server } from "./server.ts";

interface GuardedOptions {
  /** What the producer's token is. */
  readonly proof: Proof;
  /** Settings other than the defaults. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the service with an access file. Its token is the producer's. */
export async function startGuardedService(scratch: Scratch, { proof, settings }: GuardedOptions): Promise<Server> {
  const access = await writeAccess(scratch);
  const service = await startActivityService(scratch, { settings: { ...settings, ACCESS_FILE: access.path } });
  return { ...service, token: access.token(proof) };
}
