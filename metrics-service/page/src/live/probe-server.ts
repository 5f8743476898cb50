/** Longest wait for the answer, in ms. */
const patienceMs = 3_000;

/** What the page's server does with plain requests. */
export type Probe =
  | { readonly kind: "answers" }
  /** It does not let the viewer in; the reason is a sentence without its full stop. */
  | { readonly kind: "refuses"; readonly reason: string }
  /** It is away, or another one answers in its place. */
  | { readonly kind: "silent" };

/**
 * Asks the server of `/live`, by its `ws:` or `wss:` address, for the page's icon: Cloud Run keeps paths that end in z, such as that of
 * the health check, for itself.
 */
export async function probeServer(liveUrl: string): Promise<Probe> {
  const url = new URL("/favicon.svg", liveUrl.replace(/^ws/, "http"));
  try {
    const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
    // Whoever stands in front may answer, too.
    if (answer.ok) return { kind: answer.headers.get("content-type") === "image/svg+xml" ? "answers" : "silent" };
    const { error } = (await answer.json()) as { readonly error?: { readonly message?: string } };
    const isRefused = (answer.status === 401 || answer.status === 403) && typeof error?.message === "string";
    return isRefused ? { kind: "refuses", reason: `${error.message}` } : { kind: "silent" };
  } catch {
    return { kind: "silent" };
  }
}
