import { type ActivityEventsClient, ActivityEventsError, type CallOptions } from "@activity-events/client";
import type { Deployment } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { CommandContext } from "../program/command-context.ts";
import { type ListedHead, listedHeads } from "./listed-heads.ts";
import { mergedHeads } from "./merged-heads.ts";

/** Client of a deployment, and whether to ask it for what is deleted. */
export interface Reading {
  readonly client: ActivityEventsClient;
  readonly showDeleted: boolean;
}

/** Reads heads as an admin where the service lets this caller, so that deleted and purged deployments are among them; else as anybody. */
export class HeadReader {
  readonly #context: Pick<CommandContext, "client" | "admin">;
  readonly #call: CallOptions;
  #isAdmin = true;

  constructor(context: Pick<CommandContext, "client" | "admin">, call: CallOptions) {
    this.#context = context;
    this.#call = call;
  }

  /** False once the service has refused to show deleted deployments. */
  get seesDeleted(): boolean {
    return this.#isAdmin;
  }

  /** Lists all deployments. */
  list(): AsyncGenerator<ListedHead, void, undefined> {
    const { client, admin } = this.#context;
    // An admin of some deployments alone sees the others in the plain list only.
    return mergedHeads(
      listedHeads(client, this.#call),
      this.#unlessDenied(() => admin()),
    );
  }

  /** Reads one head. */
  async head(deploymentId: string): Promise<Deployment> {
    const { client, admin } = this.#context;
    if (this.#isAdmin) {
      try {
        return await admin().getDeployment({ deploymentId, showDeleted: true }, this.#call);
      } catch (error) {
        if (!isDenied(error)) throw error;
      }
    }
    return client.getDeployment({ deploymentId }, this.#call);
  }

  /** Tells how to read the events of a head that this has read. */
  readingOf({ standing }: Deployment): Reading {
    const { client, admin } = this.#context;
    const showDeleted = standing !== 0;
    return { client: showDeleted ? admin() : client, showDeleted };
  }

  async *#unlessDenied(admin: () => ActivityEventsClient): AsyncGenerator<ListedHead, void, undefined> {
    try {
      yield* listedHeads(admin(), this.#call, { showDeleted: true });
    } catch (error) {
      if (!isDenied(error)) throw error;
      this.#isAdmin = false;
    }
  }
}

function isDenied(error: unknown): boolean {
  if (!(error instanceof ActivityEventsError)) return false;
  return error.code === "PERMISSION_DENIED" || error.code === "UNAUTHENTICATED";
}
