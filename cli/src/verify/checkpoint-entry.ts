import type { HistoryHash } from "@activity-events/client";
import { microsecondsOf } from "@activity-events/client/internal";
import { create, toJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { parseTimestamp } from "../text/timestamp.ts";

/** Position of a deployment in ListDeployments: newest first, then greater id first. */
export interface Place {
  readonly createTimeUs: bigint;
  readonly deploymentId: string;
}

/** A deployment in a checkpoint. */
export interface CheckpointEntry extends Place {
  /** Undefined if the deployment has none; its entry still shows if it disappears. */
  readonly historyHash: HistoryHash | undefined;
}

/** Compares positions; negative if `one` comes before `other`. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.createTimeUs !== other.createTimeUs) return one.createTimeUs > other.createTimeUs ? -1 : 1;
  // Ids are ASCII.
  if (one.deploymentId === other.deploymentId) return 0;
  return one.deploymentId > other.deploymentId ? -1 : 1;
}

/** Formats an entry as a line of a checkpoint, without the line break. */
export function entryLine({ deploymentId, createTimeUs, historyHash }: CheckpointEntry): string {
  const place = { deploymentId, createTime: timeOf(createTimeUs) };
  if (historyHash === undefined) return JSON.stringify(place);
  const { sequence, hash, from } = historyHash;
  return JSON.stringify({
    ...place,
    historyHashFrom: `${from}`,
    historyHashSequence: `${sequence}`,
    historyHash: Buffer.from(hash).toString("hex"),
  });
}

/** Parses a line of a checkpoint; undefined if it is not an entry. */
export function parseEntry(line: string): CheckpointEntry | undefined {
  try {
    const { deploymentId, createTime, historyHash, historyHashSequence, historyHashFrom } = JSON.parse(line);
    const entry = {
      deploymentId,
      createTimeUs: microsecondsOf(parseTimestamp(createTime)),
      historyHash:
        historyHash === undefined
          ? undefined
          : {
              hash: Buffer.from(historyHash, "hex"),
              sequence: BigInt(historyHashSequence),
              from: BigInt(historyHashFrom),
            },
    };
    return typeof deploymentId === "string" && entryLine(entry) === line ? entry : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(timeUs: bigint): string {
  const nanos = Number(((timeUs % 1_000_000n) + 1_000_000n) % 1_000_000n) * 1_000;
  const seconds = (timeUs - BigInt(nanos / 1_000)) / 1_000_000n;
  return toJson(TimestampSchema, create(TimestampSchema, { seconds, nanos })) as string;
}
