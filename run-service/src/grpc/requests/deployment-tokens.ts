import type { Caller } from "@activity-events/access/caller";
import type { Permission } from "@activity-events/access/roles";
import type { DeploymentCursor, DeploymentId, EventStore } from "@activity-events/event-store";
import { decodePageToken, decryptPageToken, encodePageToken, encryptPageToken } from "./page-token.ts";

/** Page tokens of a walk through all deployments. */
export interface DeploymentTokens {
  readonly encode: (cursor: DeploymentCursor) => string;
  /** Throws a Refusal if the token belongs to another scope. */
  readonly decode: (token: string) => DeploymentCursor;
}

interface DeploymentTokensOptions {
  readonly caller: Caller;
  /** What the caller must be permitted to do to the deployments that the walk shows. */
  readonly permission: Permission;
  /** Parts of the request that must not change. */
  readonly scope: readonly unknown[];
  readonly store: Pick<EventStore, "pageTokenKey">;
}

/** Returns the form of the tokens: they tell nothing to a caller who may not see every deployment, since a page may end at any. */
export async function deploymentTokens(options: DeploymentTokensOptions): Promise<DeploymentTokens> {
  const { caller, permission, scope, store } = options;
  if (caller.granted(permission) === "all") {
    return {
      encode: (cursor) => encodePageToken(scope, textOf(cursor)),
      decode: (token) => cursorOf(decodePageToken(scope, token)),
    };
  }
  const key = await store.pageTokenKey();
  return {
    encode: (cursor) => encryptPageToken(scope, textOf(cursor), key),
    decode: (token) => cursorOf(decryptPageToken(scope, token, key)),
  };
}

function textOf({ createTimeUs, deploymentId }: DeploymentCursor): string {
  return `${createTimeUs} ${deploymentId}`;
}

function cursorOf(text: string): DeploymentCursor {
  const [createTimeUs, deploymentId] = text.split(" ");
  return { createTimeUs: Number(createTimeUs), deploymentId: deploymentId as DeploymentId };
}
