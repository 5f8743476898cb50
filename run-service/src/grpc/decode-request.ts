import { methodPath } from "@activity-events/proto/service-definition";
import { type DescMethod, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { unreadable } from "./unreadable.ts";

/** Decodes a request; throws a Refusal. */
export function decodeRequest<M extends DescMethod>(desc: M, bytes: Buffer): MessageShape<M["input"]> {
  try {
    return fromBinary(desc.input, bytes) as MessageShape<M["input"]>;
  } catch (cause) {
    throw unreadable(`the request is no encoded ${desc.input.typeName}`, methodPath(desc), cause);
  }
}
