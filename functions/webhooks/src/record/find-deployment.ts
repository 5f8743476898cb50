import { type ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import type { Incident } from "@activity-events/mappings";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { limits } from "../limits.ts";
import { callOptions } from "./call-options.ts";
import { KnownEvents } from "./known-events.ts";
import { type Candidate, candidateOf, PlacedDeployments } from "./placed-deployments.ts";

interface FindOptions {
  readonly client: Pick<ActivityEventsClient, "listDeployments" | "listEvents" | "getEvent">;
  /** End of the search, in ms of the monotonic clock. */
  readonly endMs: number;
}

/** Finds the deployments of the incidents of one request, and reads the heads of each service and environment once. */
export class DeploymentFinder {
  readonly #options: FindOptions;
  readonly #known = new Map<string, KnownEvents>();
  readonly #placed = new Map<string, Promise<PlacedDeployments>>();

  /** `incidents`: all that may be asked for. */
  constructor(incidents: readonly Incident[], options: FindOptions) {
    this.#options = options;
    for (const [key, together] of Map.groupBy(incidents, placeOf)) {
      this.#known.set(key, new KnownEvents(new Set(together.flatMap(({ knownBy }) => knownBy)), options));
    }
  }

  /**
   * Finds the deployment that an incident belongs to: the one that knows it already, or else that of its service and environment with
   * the greatest finish time that is not after the incident's start. Undefined if there is none.
   *
   * The first rule keeps the end of an alert, and a repeated beginning, with its beginning, whatever was deployed or filled in since.
   */
  async find(incident: Incident): Promise<string | undefined> {
    const time = incident.startTime ?? timestampNow();
    const type = incident.events[0]?.type ?? "";
    const known = this.#known.get(placeOf(incident));
    const placed = await this.#placedOf(incident);
    for (const candidate of placed.mayKnow(type, time)) {
      if (await known?.has(candidate, type, incident.knownBy)) return candidate.deploymentId;
    }
    return placed.inPlace(time)?.deploymentId;
  }

  #placedOf(incident: Incident): Promise<PlacedDeployments> {
    const key = placeOf(incident);
    const placed = this.#placed.get(key) ?? readPlaced(incident, this.#options);
    this.#placed.set(key, placed);
    return placed;
  }
}

function placeOf({ service, environment }: Incident): string {
  return JSON.stringify([service, environment]);
}

/** Reads heads, newest first. Throws if they are not read in time: a part of them could name the wrong one. */
async function readPlaced(
  { service, environment }: Incident,
  { client, endMs }: FindOptions,
): Promise<PlacedDeployments> {
  const candidates: Candidate[] = [];
  const request = { filter: { service, environment }, pageSize: limits.headsPageSize };
  for await (const head of client.listDeployments(request, callOptions(endMs))) {
    candidates.push(candidateOf(head));
    if (candidates.length >= limits.headsMax) break;
    if (performance.now() < endMs) continue;
    const message = "The deployments of the service and environment were not read in time.";
    throw new ActivityEventsError({ code: "DEADLINE_EXCEEDED", message });
  }
  return new PlacedDeployments(candidates);
}
