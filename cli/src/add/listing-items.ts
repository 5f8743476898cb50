import { EventSchema } from "@activity-events/client";
import {
  type MappedEvent,
  type Mapping,
  MappingError,
  mapGithubListing,
  mapGitlabListing,
  type PayloadValue,
  parsePayload,
  parseProjectUrl,
} from "@activity-events/mappings";
import { create } from "@bufbuild/protobuf";
import type { ParsedLine } from "./event-line.ts";
import type { JsonItem } from "./json-items.ts";

/** Tools whose listings can be read. */
export const listedTools = ["github", "gitlab"] as const;

/** A tool and what its listings do not say. */
export interface ListingSource {
  readonly tool: (typeof listedTools)[number];
  /** Environment of the runs of a workflow on GitHub. */
  readonly environment: string;
  /** Web address of the project on GitLab. */
  readonly projectUrl: string | undefined;
}

/** A parsed event of an item; an item may have several. */
export interface ParsedItem {
  readonly number: number;
  readonly parsed: ParsedLine;
}

/** Maps the items of a listing to events, in order. */
export async function* mapItems(
  items: AsyncIterable<readonly JsonItem[]>,
  source: ListingSource,
): AsyncGenerator<readonly ParsedItem[]> {
  for await (const some of items) {
    yield some.flatMap((item) => parseItem(item, source).map((parsed) => ({ number: item.number, parsed })));
  }
}

/** Tells whether a text is the web address of a project on GitLab. */
export function isProjectUrl(text: string): boolean {
  try {
    parseProjectUrl(text);
    return true;
  } catch {
    return false;
  }
}

function parseItem(item: JsonItem, source: ListingSource): ParsedLine[] {
  if (item.kind === "unreadable") return [{ kind: "bad", problem: item.problem }];
  try {
    return listed(parsePayload(item.text)).flatMap((value) => parsedOf(mapListing(value, source)));
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    return [{ kind: "bad", problem: error.message }];
  }
}

/** The items of a page that wraps them, such as one of runs of a workflow. */
function listed(value: PayloadValue): readonly PayloadValue[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [value];
  const runs = (value as { readonly [name: string]: PayloadValue }).workflow_runs;
  return Array.isArray(runs) ? runs : [value];
}

function mapListing(value: PayloadValue, { tool, environment, projectUrl }: ListingSource): Mapping {
  if (tool === "github") return mapGithubListing(value, environment);
  return mapGitlabListing(value, projectUrl === undefined ? undefined : parseProjectUrl(projectUrl));
}

function parsedOf(mapping: Mapping): ParsedLine[] {
  if (mapping.kind !== "events") return [{ kind: "skipped" }];
  return mapping.events.map((event: MappedEvent) => ({ kind: "event", event: create(EventSchema, event) }));
}
