declare const kind: unique symbol;

/** Id of a deployment: 1 to 128 of `[A-Za-z0-9._~:-]`, the first a letter, digit or `-`. */
export type DeploymentId = string & { readonly [kind]: "deployment" };

/** Id of an event in its deployment; same characters. */
export type EventId = string & { readonly [kind]: "event" };

// Firestore refuses `.`, `..` and `__x__` as document ids, which explains the rule for the first character.
const identifier = /^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/;

/** Rule of deployment and event ids, for messages. */
export const identifierRule = "1 to 128 of [A-Za-z0-9._~:-], the first a letter, a digit or -";

export function isDeploymentId(text: string): text is DeploymentId {
  return identifier.test(text);
}

export function isEventId(text: string): text is EventId {
  return identifier.test(text);
}
