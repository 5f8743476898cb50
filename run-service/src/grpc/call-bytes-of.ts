import type { Metadata } from "@grpc/grpc-js";
import type { CallBytes } from "../application/call-bytes.ts";

const key = "activityevents.bytes";

/** Lets whoever handles the call find its bytes, by its metadata. */
export function attachCallBytes(metadata: Metadata, bytes: CallBytes): void {
  metadata.setOpaque(key, bytes);
}

/** The bytes of the call that came with this metadata. */
export function callBytesOf(metadata: Metadata): CallBytes {
  const bytes = metadata.getOpaque(key);
  if (bytes === undefined) throw new Error("a call came by another way than through its bounds");
  return bytes as CallBytes;
}
