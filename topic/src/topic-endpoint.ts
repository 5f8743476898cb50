import type { GoogleAuth } from "google-auth-library";

interface TopicOptions {
  /** Name in full: `projects/PROJECT/topics/TOPIC`. */
  readonly topic: string;
  /** `host:port` of Pub/Sub's emulator; it needs no credentials. */
  readonly emulator: string | undefined;
  /** Host of Pub/Sub, such as that of one region: messages of one key are ordered only within a region. */
  readonly endpoint?: string | undefined;
}

/** Where and how to publish on a topic by Pub/Sub's REST API, whose library is larger than most of our programs. */
export interface TopicEndpoint {
  readonly url: URL;
  /** Headers of a request. Rejects if there are no credentials. */
  headers(): Promise<Readonly<Record<string, string>>>;
}

/** Returns where a topic is published on; the emulator, if one is named. */
export function topicEndpoint({ topic, emulator, endpoint = "pubsub.googleapis.com" }: TopicOptions): TopicEndpoint {
  const host = emulator === undefined ? `https://${endpoint}` : `http://${emulator}`;
  const json = { "content-type": "application/json" };
  let opened: Promise<GoogleAuth> | undefined;
  return {
    url: new URL(`/v1/${topic}:publish`, host),
    headers: async () => {
      if (emulator !== undefined) return json;
      opened ??= openAuth();
      const token = await (await opened).getAccessToken();
      if (!token) throw new Error("Google's library found none");
      return { ...json, authorization: `Bearer ${token}` };
    },
  };
}

// Loaded on demand: most programs never publish.
async function openAuth(): Promise<GoogleAuth> {
  const library = await import("google-auth-library");
  return new library.GoogleAuth({ scopes: "https://www.googleapis.com/auth/pubsub" });
}
