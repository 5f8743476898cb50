import { MappingError } from "../mapping-error.ts";
import type { Fields } from "../payload/fields.ts";

/** A repository on GitHub, spelled as GitHub spells it. */
export interface Repository {
  readonly owner: string;
  readonly name: string;
}

/** Reads the repository of a webhook. */
export function repositoryOf(payload: Fields): Repository {
  const repository = payload.object("repository");
  return parseRepository(repository.text("full_name"), repository.at("full_name"));
}

/** Reads the repository of an item of a listing from the item's own URL. */
export function repositoryOfUrl(item: Fields, name: string): Repository {
  const url = item.text(name);
  const path = /\/repos\/([^/]+\/[^/?#]+)/.exec(url)?.[1];
  if (path === undefined) throw new MappingError(item.at(name), `must be a URL of GitHub's API; found ${url}`);
  return parseRepository(path, item.at(name));
}

/** Parses `OWNER/NAME`. */
export function parseRepository(text: string, field: string): Repository {
  const [, owner, name] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (owner === undefined || name === undefined) {
    throw new MappingError(field, `must be OWNER/NAME; found ${JSON.stringify(text)}`);
  }
  return { owner, name };
}

/** Parts of the id of a deployment of GitHub. */
export function deploymentParts({ owner, name }: Repository, id: string): readonly string[] {
  return ["gh", owner, name, "deployment", id];
}

/** Parts of the id of a run of a workflow. Each attempt is a deployment of its own. */
export function runParts({ owner, name }: Repository, runId: string, attempt: string): readonly string[] {
  return ["gh", owner, name, "run", runId, attempt];
}
