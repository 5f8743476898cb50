import {
  type ActivityEventsError,
  escapeControls,
  type ServiceAddress,
  type StatusName,
} from "@activity-events/client";

/**
 * A failed call in words: the reason and the message, then a line for each field that is at fault. What the service did
 * not answer itself says where it was looked for and what to do.
 */
export function describeError(error: ActivityEventsError, service: ServiceAddress): string {
  const { message, violations, metadata } = error;
  const faults = violations.map(({ field, description }) => `${field}: ${description}`);
  // A single fault is often all of the message.
  const lines = faults.filter((fault) => fault !== message).map((fault) => `  ${fault}`);
  const more = Number(metadata.violations_total ?? 0) - violations.length;
  if (more > 0) lines.push(`  and ${more} more`);
  return [headline(error, service), ...lines].map(escapeControls).join("\n");
}

function headline({ code, reason, message }: ActivityEventsError, service: ServiceAddress): string {
  const { address } = service;
  if (reason === "CURSOR_AHEAD") {
    return `CURSOR_AHEAD: the service knows fewer events than were shown, as after a restore of an older copy (${message}). Read from the start, or after the head sequence that it has now.`;
  }
  if (reason !== undefined) return `${reason}: ${message}`;
  if (code === "UNAVAILABLE") {
    return `UNAVAILABLE: no service answers at ${address} (${message}). Start it, or say where it is with --address HOST:PORT or ACTIVITY_ADDRESS.`;
  }
  if (code === "DEADLINE_EXCEEDED") {
    return `DEADLINE_EXCEEDED: ${address} did not answer in time (${message}). Try again, or allow more time with --timeout SECONDS.`;
  }
  if (code === "UNIMPLEMENTED") {
    return `UNIMPLEMENTED: what answers at ${address} does not know this call (${message}). It is a service that is older than this client, or another one.`;
  }
  if (code === "PERMISSION_DENIED" || code === "UNAUTHENTICATED") return `${code}: ${closed(code, message, service)}`;
  return `${code}: ${message}`;
}

/** What is missing where a service is closed; its reason comes from what stands before it, such as Cloud Run. */
function closed(code: StatusName, message: string, { address, idTokenAudience }: ServiceAddress): string {
  if (idTokenAudience === undefined) {
    return `the service at ${address} is closed, and no token was sent (${message}). Name it with --service NAME --region REGION --project PROJECT before the command, or say for whom the token is with --audience URL.`;
  }
  if (code === "PERMISSION_DENIED") {
    return `the token was taken, but its account may not call ${address} (${message}). It needs the role roles/run.invoker on the service: gcloud run services add-iam-policy-binding NAME --member=serviceAccount:ACCOUNT --role=roles/run.invoker`;
  }
  // grpc-js says so of a status that came over HTTP; anything else was said on this side, about getting a token.
  if (!message.startsWith("Received HTTP status code")) return message;
  return `${address} does not take the token for ${idTokenAudience} (${message}). The audience has to be the service's own URL, or one of its custom audiences.`;
}
