import type { ListDeploymentsResponseJson } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { Head } from "../live/head.ts";
import { fetchJson } from "./fetch-json.ts";

interface ListOptions {
  readonly service: string;
  readonly environment: string;
  readonly signal: AbortSignal;
  /** Heads that are wanted; more may come. */
  readonly headsMax: number;
}

/** Lists the finished deployments of a service in an environment, newest created first. */
export async function listFinished({ service, environment, signal, headsMax }: ListOptions): Promise<readonly Head[]> {
  const heads: Head[] = [];
  let pageToken = "";
  do {
    const query = new URLSearchParams({
      service,
      environment,
      state: "FINISHED",
      page_size: "100",
      page_token: pageToken,
    });
    const page = await fetchJson<ListDeploymentsResponseJson>(`/api/deployments?${query}`, signal);
    heads.push(...((page.deployments ?? []) as Head[]));
    pageToken = page.nextPageToken ?? "";
  } while (pageToken !== "" && heads.length < headsMax);
  return heads;
}
