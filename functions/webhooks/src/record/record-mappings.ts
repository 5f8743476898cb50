import type { ActivityEventsClient } from "@activity-events/client";
import type { Incident, MappedEvent, Mapping, MappingError } from "@activity-events/mappings";
import { limits } from "../limits.ts";
import { atOnce } from "./at-once.ts";
import { DeploymentFinder } from "./find-deployment.ts";
import { type Recorded, recordEvents } from "./record-events.ts";

/** What became of the notifications of a request. */
export interface RecordedMappings {
  readonly recorded: readonly Recorded[];
  /** Why others were ignored. */
  readonly ignored: readonly string[];
  /** Why others could not be read. */
  readonly unread: readonly MappingError[];
}

interface RecordOptions {
  readonly client: ActivityEventsClient;
  /** End of the attempt, in ms of the monotonic clock. */
  readonly endMs: number;
}

/**
 * Records what mappings say. Incidents are recorded some at a time as their deployments are found, so that a repetition goes on where an
 * attempt ended. Throws an ActivityEventsError if the service does not answer in time.
 */
export async function recordMappings(mappings: readonly Mapping[], options: RecordOptions): Promise<RecordedMappings> {
  const incidents = mappings.flatMap((mapping) => (mapping.kind === "incidents" ? mapping.incidents : []));
  const unread = mappings.flatMap((mapping) => (mapping.kind === "incidents" ? mapping.unread : []));
  const ignored = new Set(mappings.flatMap((mapping) => (mapping.kind === "ignored" ? [mapping.reason] : [])));
  const events = mappings.flatMap((mapping) => (mapping.kind === "events" ? mapping.events : []));
  const recorded = await recordEvents(events, options);
  const finder = new DeploymentFinder(incidents, options);
  for (let at = 0; at < incidents.length; at += limits.incidentsAtOnceMax) {
    const some = incidents.slice(at, at + limits.incidentsAtOnceMax);
    const found = await atOnce(some, limits.callsAtOnceMax, async (incident) => {
      return { incident, deploymentId: await finder.find(incident) };
    });
    for (const { incident, deploymentId } of found) {
      if (deploymentId === undefined) ignored.add(reasonOf(incident));
    }
    recorded.push(...(await recordEvents(found.flatMap(eventsOf), options)));
  }
  return { recorded, ignored: [...ignored], unread };
}

function eventsOf(found: {
  readonly incident: Incident;
  readonly deploymentId: string | undefined;
}): readonly MappedEvent[] {
  const { incident, deploymentId } = found;
  return deploymentId === undefined ? [] : incident.events.map((event) => ({ ...event, deploymentId }));
}

function reasonOf({ service, environment }: Incident): string {
  return `no deployment of ${service} in ${environment} had finished by then`;
}
