import {
  type ActivityEventsError,
  escapeControls,
  type ServiceAddress,
  type StatusName,
} from "@activity-events/client";
import type { ConnectionFinding } from "../connection/connection-finding.ts";
import { explainConnection } from "../connection/explain-connection.ts";

/**
 * Describes a failed call: reason and message, then one line for each invalid field. If the service itself did not
 * answer, the text names the address and a remedy, from the finding of `findConnectionFault`.
 */
export function describeError(
  error: ActivityEventsError,
  service: ServiceAddress,
  finding: ConnectionFinding = { kind: "http2" },
): string {
  const { message, violations, metadata } = error;
  const faults = violations.map(({ field, description }) => `${field}: ${description}`);
  // A single violation often repeats the message.
  const lines = faults.filter((fault) => fault !== message).map((fault) => `  ${fault}`);
  const more = Number(metadata.violations_total ?? 0) - violations.length;
  if (more > 0) lines.push(`  and ${more} more`);
  return [headline(error, service, finding), ...lines].map(escapeControls).join("\n");
}

/** Tells whether a failed call leaves open what is wrong with the connection. */
export function isUnexplained({ code, reason, message }: ActivityEventsError): boolean {
  return (
    reason === undefined &&
    (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED") &&
    httpStatus(message) === undefined
  );
}

function headline(
  { code, reason, message }: ActivityEventsError,
  service: ServiceAddress,
  finding: ConnectionFinding,
): string {
  const { address } = service;
  if (reason === "CURSOR_AHEAD") {
    return `CURSOR_AHEAD: the service has fewer events than were already shown; it may have been restored from an older copy (${message}). Start over, or continue after its current head sequence.`;
  }
  if (reason !== undefined) return `${reason}: ${message}`;
  if (code === "PERMISSION_DENIED" || code === "UNAUTHENTICATED") return `${code}: ${closed(code, message, service)}`;
  const status = httpStatus(message);
  if (status !== undefined) {
    return `${code}: a proxy or HTTP server at ${address} answers with HTTP status ${status} instead of the service; check the address and what stands before the service.`;
  }
  if (foreignMessage.test(message)) {
    return `${code}: something other than the service answers at ${address}; check host and port.`;
  }
  if (code === "UNAVAILABLE" || code === "DEADLINE_EXCEEDED") {
    const explained = explainConnection(finding, service);
    if (explained !== undefined) return `${code}: ${explained}.`;
    if (code === "UNAVAILABLE") return `UNAVAILABLE: the connection to ${address} was lost before it answered; retry.`;
    return `DEADLINE_EXCEEDED: the service at ${address} did not answer in time; retry, or allow more time with --timeout SECONDS.`;
  }
  if (code === "UNIMPLEMENTED") {
    return `UNIMPLEMENTED: the server at ${address} does not support this call (${message}). It is older than this client, or a different service.`;
  }
  return `${code}: ${message}`;
}

/** Web pages read as a gRPC message have an absurd length. The words are grpc-js'. */
const foreignMessage = /^Received message larger than max \(\d{8,} vs \d+\)$/;

/** HTTP status that was answered in place of a gRPC status. The words are grpc-js'. */
function httpStatus(message: string): string | undefined {
  return /^Received HTTP status code (\d+)/.exec(message)?.[1];
}

/** Names what a protected service demands. The refusal comes from a front end such as Cloud Run. */
function closed(code: StatusName, message: string, { address, idTokenAudience, token }: ServiceAddress): string {
  const answered = httpStatus(message);
  const said = answered === undefined ? message : `HTTP status ${answered}`;
  if (token !== undefined && idTokenAudience === undefined) {
    // Any other message is the service's own, or is about the file.
    return answered === undefined ? message : `${address} rejected the token of --token-file (${said})`;
  }
  if (idTokenAudience === undefined) {
    return `the service at ${address} requires a token, and none was sent (${said}). Use --run-service NAME --region REGION --project PROJECT before the command, set the token's audience with --audience URL, or give a token with --token-file FILE.`;
  }
  if (code === "PERMISSION_DENIED") {
    return `the token is valid, but its account may not call ${address} (${said}). Grant it roles/run.invoker on the service: gcloud run services add-iam-policy-binding NAME --member=serviceAccount:ACCOUNT --role=roles/run.invoker`;
  }
  // Any other message comes from fetching the token.
  if (answered === undefined) return message;
  return `${address} rejected the token for ${idTokenAudience} (${said}). The audience must be the URL of the service or one of its custom audiences.`;
}
