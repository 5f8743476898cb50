import { Refusal } from "../../application/refusal.ts";

/** The refusal of bytes that were sent to a method and cannot be decoded: what they are not, and what the decoder says. */
export function unreadable(sentence: string, method: string, cause: unknown): Refusal {
  return new Refusal("REQUEST_UNREADABLE", `${sentence}: ${(cause as Error).message}`, { metadata: { method }, cause });
}
