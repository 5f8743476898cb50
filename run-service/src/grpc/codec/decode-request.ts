import { methodPath } from "@activity-events/proto/service-definition";
import { type DescMessage, type DescMethod, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { Refusal } from "../../application/refusal.ts";
import { unreadable } from "../errors/unreadable.ts";
import { checkEncoding } from "./check-encoding.ts";
import { rulesOf } from "./encoding-rules.ts";

/** Decodes a request; throws a Refusal. */
export function decodeRequest<M extends DescMethod>(desc: M, bytes: Buffer): MessageShape<M["input"]> {
  return decodeMessage(desc.input, bytes, { what: "request", method: desc }) as MessageShape<M["input"]>;
}

/** Decodes a request of this method, or a part of it, after checking its decoded size; throws a Refusal. */
export function decodeMessage<Desc extends DescMessage>(
  desc: Desc,
  bytes: Uint8Array,
  { what, method }: { readonly what: string; readonly method: DescMethod },
): MessageShape<Desc> {
  try {
    checkEncoding(rulesOf(desc), bytes);
    return fromBinary(desc, bytes);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw unreadable(`the ${what} is no encoded ${desc.typeName}`, methodPath(method), cause);
  }
}
