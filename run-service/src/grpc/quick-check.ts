import type { Health } from "../application/health.ts";
import { healthNames } from "./methods.ts";

// HealthCheckRequest has one field, a text: its number and kind are this byte.
const serviceTag = 0x0a;

// HealthCheckResponse: the number of its field, and SERVING or NOT_SERVING.
const serving = Buffer.from([0x08, 1]);
const notServing = Buffer.from([0x08, 2]);

/**
 * Answers an encoded HealthCheckRequest with an encoded HealthCheckResponse, without the contract, which takes its time to
 * load; undefined: the request is not the plain one, or names a service that is not here. Such an answer is not logged.
 */
export function quickCheck(health: Health): (request: Buffer) => Buffer | undefined {
  return (request) => {
    const service = serviceOf(request);
    if (service === undefined || !healthNames.has(service)) return undefined;
    return health.serving ? serving : notServing;
  };
}

function serviceOf(request: Buffer): string | undefined {
  if (request.length === 0) return "";
  const [tag, length] = request;
  // Of a length of one byte, which those that are known have.
  return tag === serviceTag && length === request.length - 2 && length < 0x80 ? request.toString("utf8", 2) : undefined;
}
