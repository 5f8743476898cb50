import { Refusal } from "../../application/refusal.ts";

/** Makes the refusal of undecodable bytes, with the expected type and the decoder's message. */
export function unreadable(sentence: string, method: string, cause: unknown): Refusal {
  return new Refusal("REQUEST_UNREADABLE", `${sentence}: ${(cause as Error).message}`, { metadata: { method }, cause });
}
