import { type ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import { limits } from "../limits.ts";
import { callOptions } from "./call-options.ts";
import { type Candidate, knownTypePrefix } from "./placed-deployments.ts";

interface KnownOptions {
  readonly client: Pick<ActivityEventsClient, "listEvents" | "getEvent">;
  /** End of the search, in ms of the monotonic clock. */
  readonly endMs: number;
}

/**
 * Which of the events that one request asks for are recorded by a deployment. A history that is short for the number of questions is read
 * once for all of them; of a long one, each event is asked for by itself.
 */
export class KnownEvents {
  readonly #asked: ReadonlySet<string>;
  readonly #options: KnownOptions;
  readonly #found = new Map<string, Promise<ReadonlySet<string> | undefined>>();

  constructor(asked: ReadonlySet<string>, options: KnownOptions) {
    this.#asked = asked;
    this.#options = options;
  }

  /** Tells whether a deployment has one of these events, which are known by a type. */
  async has(candidate: Candidate, type: string, eventIds: readonly string[]): Promise<boolean> {
    const { deploymentId, eventsCount } = candidate;
    if (eventsCount <= Math.min(this.#asked.size * limits.eventsReadPerQuestion, limits.eventsReadMax)) {
      const typePrefix = knownTypePrefix(type);
      const key = JSON.stringify([deploymentId, typePrefix]);
      const reading = this.#found.get(key) ?? this.#read(deploymentId, typePrefix);
      this.#found.set(key, reading);
      const found = await reading;
      if (found !== undefined) return eventIds.some((eventId) => found.has(eventId));
    }
    for (const eventId of eventIds) if (await this.#ask(deploymentId, eventId)) return true;
    return false;
  }

  /** Reads which of the events are there; undefined if the history is damaged. */
  async #read(deploymentId: string, typePrefix: string): Promise<ReadonlySet<string> | undefined> {
    const { client, endMs } = this.#options;
    const found = new Set<string>();
    try {
      const request = { deploymentId, filter: { typePrefix }, pageSize: limits.eventsPageSize };
      for await (const { eventId } of client.listEvents(request, callOptions(endMs))) {
        if (this.#asked.has(eventId)) found.add(eventId);
      }
    } catch (error) {
      if (codeOf(error) === "DATA_LOSS") return undefined;
      // The deployment was purged meanwhile.
      if (codeOf(error) !== "NOT_FOUND") throw error;
    }
    return found;
  }

  async #ask(deploymentId: string, eventId: string): Promise<boolean> {
    const { client, endMs } = this.#options;
    try {
      await client.getEvent({ deploymentId, eventId }, callOptions(endMs));
      return true;
    } catch (error) {
      if (codeOf(error) !== "NOT_FOUND") throw error;
      return false;
    }
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ActivityEventsError ? error.code : undefined;
}
