import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../limits.ts";
import { StoreFaultError } from "../store-error.ts";
import { countCall } from "./end-client.ts";

// gRPC status codes.
export const invalidArgument = 3;
const resourceExhausted = 8;
const dataLoss = 15;
const refusals: ReadonlySet<number> = new Set([7, 12, 16]);

/** Returns the gRPC status of a library error, if any. */
export function codeOf(error: unknown): number | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "number" ? code : undefined;
}

/** Tells whether Firestore refuses this service or its data is damaged, so that a retry is pointless. */
export function isFinal(error: unknown): boolean {
  if (error instanceof StoreFaultError) return error.reason === "STORE_DAMAGED";
  const code = codeOf(error);
  return code !== undefined && refusals.has(code);
}

/** Converts an error of a Firestore call; the one place where they are wrapped. */
export function faultError(error: unknown): StoreFaultError {
  if (error instanceof StoreFaultError) return error;
  const code = codeOf(error);
  const cause = `${(error as Error).message ?? error} (gRPC ${code ?? "without code"})`;
  if (code === invalidArgument) return new StoreFaultError("STORE_REFUSED", "Firestore refuses this append", { cause });
  if (code === dataLoss) return new StoreFaultError("STORE_DAMAGED", "Firestore has lost data", { cause });
  if (code !== undefined && refusals.has(code)) {
    return new StoreFaultError("STORE_UNAVAILABLE", "Firestore refuses access to this service", { cause });
  }
  if (code === resourceExhausted)
    return new StoreFaultError("STORE_UNAVAILABLE", "Firestore's quota is exhausted", { cause });
  return new StoreFaultError("STORE_UNAVAILABLE", "Firestore did not answer", { cause });
}

/** Waits for a Firestore call within a time limit; throws a fault. The library itself would retry for ten minutes. */
export async function bounded<Answer>(
  call: Promise<Answer>,
  timeMs: number = limits.firestoreCallTimeMs,
): Promise<Answer> {
  countCall(call);
  const abort = new AbortController();
  const late = sleep(timeMs, undefined, { signal: abort.signal }).then(() => {
    throw new StoreFaultError("STORE_UNAVAILABLE", `Firestore did not answer within ${timeMs} ms`);
  });
  try {
    return await Promise.race([call, late]);
  } catch (error) {
    throw codeOf(error) === undefined ? faultError(error) : error;
  } finally {
    abort.abort();
    late.catch(() => {});
  }
}
