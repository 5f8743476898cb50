declare const kind: unique symbol;

/** Names a deployment: 1 to 128 of `[A-Za-z0-9._~:-]`, the first a letter, a digit or `-`. */
export type DeploymentId = string & { readonly [kind]: "deployment" };

/** Names an event within its deployment; the same alphabet. */
export type EventId = string & { readonly [kind]: "event" };

// Firestore refuses `.`, `..` and `__x__` as document ids, hence the rule for the first character.
const identifier = /^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/;

/** What a deployment id and an event id must look like, in words. */
export const identifierRule = "1 to 128 of [A-Za-z0-9._~:-], the first a letter, a digit or -";

export function isDeploymentId(text: string): text is DeploymentId {
  return identifier.test(text);
}

export function isEventId(text: string): text is EventId {
  return identifier.test(text);
}
