import { GoogleAuth } from "google-auth-library";

const timeMs = 10_000;

/** Reads JSON from a REST API of Google with Application Default Credentials; without credentials over `http:`. */
export async function getJson(url: URL): Promise<unknown> {
  if (url.protocol === "http:") {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeMs) }).catch((error: Error) => {
      // The error of fetch itself has no details.
      throw error.cause ?? error;
    });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  }
  const auth = new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" });
  return (await auth.request({ url: url.href, timeout: timeMs })).data;
}
