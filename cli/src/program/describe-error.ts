import {
  type ActivityEventsError,
  escapeControls,
  type ServiceAddress,
  type StatusName,
} from "@activity-events/client";

/**
 * Describes a failed call: reason and message, then one line for each invalid field. If the service itself did not
 * answer, the text names the address and a remedy.
 */
export function describeError(error: ActivityEventsError, service: ServiceAddress): string {
  const { message, violations, metadata } = error;
  const faults = violations.map(({ field, description }) => `${field}: ${description}`);
  // A single violation often repeats the message.
  const lines = faults.filter((fault) => fault !== message).map((fault) => `  ${fault}`);
  const more = Number(metadata.violations_total ?? 0) - violations.length;
  if (more > 0) lines.push(`  and ${more} more`);
  return [headline(error, service), ...lines].map(escapeControls).join("\n");
}

function headline({ code, reason, message }: ActivityEventsError, service: ServiceAddress): string {
  const { address } = service;
  if (reason === "CURSOR_AHEAD") {
    return `CURSOR_AHEAD: the service has fewer events than were already shown; it may have been restored from an older copy (${message}). Start over, or continue after its current head sequence.`;
  }
  if (reason !== undefined) return `${reason}: ${message}`;
  if (code === "UNAVAILABLE") {
    return `UNAVAILABLE: no service answers at ${address} (${message}). Start it, or set its address with --address HOST:PORT or ACTIVITY_ADDRESS.`;
  }
  if (code === "DEADLINE_EXCEEDED") {
    return `DEADLINE_EXCEEDED: ${address} did not answer in time (${message}). Retry, or allow more time with --timeout SECONDS.`;
  }
  if (code === "UNIMPLEMENTED") {
    return `UNIMPLEMENTED: the server at ${address} does not support this call (${message}). It is older than this client, or a different service.`;
  }
  if (code === "PERMISSION_DENIED" || code === "UNAUTHENTICATED") return `${code}: ${closed(code, message, service)}`;
  return `${code}: ${message}`;
}

/** Names what a protected service demands. The refusal comes from a front end such as Cloud Run. */
function closed(code: StatusName, message: string, { address, idTokenAudience }: ServiceAddress): string {
  if (idTokenAudience === undefined) {
    return `the service at ${address} requires a token, and none was sent (${message}). Use --service NAME --region REGION --project PROJECT before the command, or set the token's audience with --audience URL.`;
  }
  if (code === "PERMISSION_DENIED") {
    return `the token is valid, but its account may not call ${address} (${message}). Grant it roles/run.invoker on the service: gcloud run services add-iam-policy-binding NAME --member=serviceAccount:ACCOUNT --role=roles/run.invoker`;
  }
  // grpc-js words an HTTP status like this. Any other message comes from fetching the token.
  if (!message.startsWith("Received HTTP status code")) return message;
  return `${address} rejected the token for ${idTokenAudience} (${message}). The audience must be the URL of the service or one of its custom audiences.`;
}
