import type { HistoryHash } from "@activity-events/client";
import { microsecondsOf } from "@activity-events/client/internal";
import { create, toJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { parseTimestamp } from "../text/timestamp.ts";

/** Where a deployment stands in the list of all: the newest first, of the same time the greater id. */
export interface Place {
  readonly createTimeUs: bigint;
  readonly deploymentId: string;
}

/** What a checkpoint keeps of one deployment. */
export interface CheckpointEntry extends Place {
  /** Undefined: it has none, and is kept for the case that it vanishes. */
  readonly historyHash: HistoryHash | undefined;
}

/** Below 0: `one` stands before `other` in the list of all deployments. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.createTimeUs !== other.createTimeUs) return one.createTimeUs > other.createTimeUs ? -1 : 1;
  // Ids are ASCII.
  if (one.deploymentId === other.deploymentId) return 0;
  return one.deploymentId > other.deploymentId ? -1 : 1;
}

/** An entry as a line of a checkpoint, without the end of the line. */
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

/** Reads a line of a checkpoint; undefined where it is none. */
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
