import { type DamagedPlace, StoreFaultError } from "@activity-events/event-store";
import { Refusal } from "../../application/refusal.ts";
import { refusalOf } from "../../application/refusal-of.ts";

/** Adds the token of the next page to the refusal of a page that starts with damage; returns other errors unchanged. */
export function withTokenBehind(error: unknown, tokenBehind: (place: DamagedPlace) => string | undefined): unknown {
  if (!(error instanceof StoreFaultError) || error.place === undefined) return error;
  const token = tokenBehind(error.place);
  if (token === undefined) return error;
  const { reason, message, cause, metadata } = refusalOf(error);
  return new Refusal(reason, message, { cause, metadata: { ...metadata, next_page_token: token } });
}
