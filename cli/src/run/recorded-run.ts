import { randomBytes } from "node:crypto";
import { idOfParts } from "@activity-events/client";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import type { Config } from "../config.ts";

/** Flags that describe the deployment, named as those of `add`. */
export interface RunFlags {
  readonly deploymentId?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly revision?: string;
  readonly commit?: string;
  readonly commitTime?: Timestamp;
  readonly actor?: string;
  readonly source?: string;
  readonly url?: string;
  readonly label?: Record<string, string>;
  readonly recordOutput?: boolean;
  readonly strict?: boolean;
}

/** A deployment that is about to run. */
export interface RecordedRun {
  readonly deploymentId: string;
  /** Set if the id was given and had to be encoded. */
  readonly encodedFrom: string | undefined;
  readonly traceParent: string;
  /** Fields of its first and its last event. */
  readonly fields: {
    readonly environment: string;
    readonly service: string;
    readonly revision: string;
    readonly commit: string;
    readonly actor: string;
    readonly source: string;
    readonly url: string;
    readonly labels: Record<string, string>;
    readonly commitTime?: Timestamp;
  };
}

/** Gathers what is known of a deployment: by flags, else by the environment, else by the CI system. An empty flag is none. */
export function recordedRun(flags: RunFlags, { deploymentId, runDeploymentId, traceParent, ci }: Config): RecordedRun {
  // Within another run its id is that run's, which must not end before its command does; so is that of the CI system.
  const isNested = runDeploymentId !== undefined;
  const told = isNested && deploymentId === runDeploymentId ? undefined : deploymentId;
  const id = (flags.deploymentId || told) ?? (isNested ? undefined : ci?.deploymentId) ?? uuidv7();
  const { environment, service, revision, commit, actor, url, source = "", label = {}, commitTime } = flags;
  return {
    deploymentId: isId(id) ? id : idOfParts(id.split(":").map((part) => part.toWellFormed())),
    encodedFrom: isId(id) ? undefined : id,
    traceParent: traceParent ?? newTraceParent(),
    fields: {
      environment: environment || (ci?.environment ?? ""),
      service: service || (ci?.service ?? ""),
      revision: revision || (ci?.revision ?? ""),
      commit: commit || (ci?.commit ?? ""),
      actor: actor || (ci?.actor ?? ""),
      url: url || (ci?.url ?? ""),
      source,
      labels: label,
      ...(commitTime === undefined ? {} : { commitTime }),
    },
  };
}

/** Tells whether the contract takes the id as it is. */
function isId(id: string): boolean {
  return /^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/.test(id);
}

function newTraceParent(): string {
  return `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`;
}
