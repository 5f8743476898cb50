import type { Metadata } from "@grpc/grpc-js";
import type { CallBytes } from "../../application/call-bytes.ts";
import type { Refusal } from "../../application/refusal.ts";
import type { CallAccess } from "../access/call-access.ts";

const key = "activityevents.bounds";

/** Bounds of a call, for its handler. */
export interface CallBounds {
  readonly bytes: CallBytes;
  /** Who calls, and what they may do. */
  access: CallAccess;
  /** Reason to stop reading the caller's messages; earlier ones are complete. */
  fault: Refusal | undefined;
}

/** Stores the bounds of a call for its handler, by its metadata. */
export function attachCallBounds(metadata: Metadata, bounds: CallBounds): void {
  metadata.setOpaque(key, bounds);
}

/** Returns the bounds of the call with this metadata. */
export function callBoundsOf(metadata: Metadata): CallBounds {
  const bounds = metadata.getOpaque(key);
  if (bounds === undefined) throw new Error("a call came by another way than through its bounds");
  return bounds as CallBounds;
}
