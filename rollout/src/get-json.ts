import { GoogleAuth } from "google-auth-library";

const timeMs = 10_000;

/** Reads an answer of Google's over REST, with Application Default Credentials; over `http:` without any. */
export async function getJson(url: URL): Promise<unknown> {
  if (url.protocol === "http:") {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeMs) }).catch((error: Error) => {
      // fetch itself only says that it failed.
      throw error.cause ?? error;
    });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return answer.json();
  }
  const auth = new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" });
  return (await auth.request({ url: url.href, timeout: timeMs })).data;
}
