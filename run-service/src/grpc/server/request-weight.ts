import { limits } from "../../limits.ts";

const appends: ReadonlySet<string> = new Set([
  "/activityevents.v1.ActivityEventsService/CreateEvent",
  "/activityevents.v1.ActivityEventsService/BatchCreateEvents",
  "/activityevents.ActivityEvents/CreateEvent",
]);

/** Bytes to hold per byte of a request: the answer to an append is as large, and is reserved before anything is stored. */
export function requestWeight(path: string): number {
  return appends.has(path) ? 2 : 1;
}

/** Bytes that a call holds before anything is read. */
export function openingBytes(path: string): number {
  if (path.startsWith("/grpc.reflection.")) return limits.reflectionBytes;
  return path.endsWith("/IngestEvents") || path.endsWith("/ImportEvents") ? limits.streamWindowBytes : 0;
}

/** Tells whether calls of this method are answered whatever bytes other calls hold. */
export function isHealth(path: string): boolean {
  return path.startsWith("/grpc.health.v1.Health/");
}
