/** Longest wait for the answer, in ms. */
const patienceMs = 3_000;

/**
 * Tells whether the server of `/live`, by its `ws:` or `wss:` address, answers plain requests. Asks for the page's icon: Cloud Run keeps
 * paths that end in z, such as that of the health check, for itself.
 */
export async function answersRequests(liveUrl: string): Promise<boolean> {
  const url = new URL("/favicon.svg", liveUrl.replace(/^ws/, "http"));
  try {
    const { ok, headers } = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
    // Whoever stands in front may answer, too.
    return ok && headers.get("content-type") === "image/svg+xml";
  } catch {
    return false;
  }
}
