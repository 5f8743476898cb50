import type { Metadata } from "@grpc/grpc-js";
import type { CallBytes } from "../../application/call-bytes.ts";
import type { Refusal } from "../../application/refusal.ts";

const key = "activityevents.bounds";

/** Facts that the bounds of a call tell its handler. */
export interface CallBounds {
  readonly bytes: CallBytes;
  /** Reason to read no further messages of the caller; those before it are whole. */
  fault: Refusal | undefined;
}

/** Lets whoever handles the call find its bounds, by its metadata. */
export function attachCallBounds(metadata: Metadata, bounds: CallBounds): void {
  metadata.setOpaque(key, bounds);
}

/** The bounds of the call that came with this metadata. */
export function callBoundsOf(metadata: Metadata): CallBounds {
  const bounds = metadata.getOpaque(key);
  if (bounds === undefined) throw new Error("a call came by another way than through its bounds");
  return bounds as CallBounds;
}
