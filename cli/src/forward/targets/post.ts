import { escapeControls } from "@activity-events/client";
import { TargetError } from "./target.ts";

/** Longest time of a request, in ms. */
const requestTimeMs = 10_000;

/** Longest delay that a target may ask for, in ms: more would look like a stop. */
const retryDelayMaxMs = 15 * 60_000;

/** Most bytes of a refusal that are shown. */
const shownBytes = 300;

/** Statuses that are about the event, not about the target, its address or the credentials. */
const refusals = new Set([400, 406, 413, 415, 422]);

interface Post {
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly signal: AbortSignal;
}

/** Posts a body. Resolves at a status of 2xx; throws a `TargetError` otherwise. Follows no redirect, which could lead anywhere. */
export async function post({ url, headers = {}, body, signal }: Post): Promise<void> {
  const limit = AbortSignal.timeout(requestTimeMs);
  let response: Response;
  let answer: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "activity-events", ...headers },
      body: typeof body === "string" ? body : Uint8Array.from(body),
      redirect: "manual",
      signal: AbortSignal.any([signal, limit]),
    });
    answer = await beginOf(response);
  } catch (cause) {
    const why = limit.aborted ? `no answer within ${requestTimeMs / 1_000} s` : reasonOf(cause as Error);
    throw new TargetError("passing", why, { cause });
  }
  if (response.ok) return;
  const { status, headers: sent } = response;
  const message = `it answered ${status}${answer === "" ? "" : `: ${escapeControls(answer)}`}`;
  if (refusals.has(status)) throw new TargetError("refused", message);
  const retryDelayMs = retryAfterMs(sent.get("retry-after"));
  throw new TargetError("passing", message, retryDelayMs === undefined ? {} : { retryDelayMs });
}

/** Reads the first bytes of an answer and leaves the rest. */
async function beginOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= shownBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, shownBytes).toString("utf8").trim();
}

// fetch says only "fetch failed" and keeps the reason as the cause.
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message || String(error.cause) : error.message;
}

/** Parses `Retry-After`, seconds or a date, into ms. */
function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return ms > 0 ? Math.min(ms, retryDelayMaxMs) : undefined;
}
