import type { Metadata } from "@grpc/grpc-js";
import type { CallBytes } from "../../application/call-bytes.ts";
import type { Refusal } from "../../application/refusal.ts";

const key = "activityevents.bounds";

/** What the bounds of a call tell whoever handles it. */
export interface CallBounds {
  readonly bytes: CallBytes;
  /** Why the caller's messages cannot be read on; those before it are whole. */
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
