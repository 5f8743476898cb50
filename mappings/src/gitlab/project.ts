import { MappingError } from "../mapping-error.ts";
import type { Fields } from "../payload/fields.ts";

/** A project on GitLab. */
export interface Project {
  /** Segments of its path, groups first, spelled as GitLab spells them. */
  readonly segments: readonly string[];
  /** Web address of the project, without a slash at its end; empty if it is unknown. */
  readonly url: string;
}

/** Reads the project of a webhook. */
export function projectOf(payload: Fields): Project {
  const project = payload.object("project");
  const path = project.text("path_with_namespace");
  return { segments: segmentsOf(path, project.at("path_with_namespace")), url: project.decoration("web_url") };
}

/** Reads the project from a web address below it, such as `https://gitlab.example/group/shop/-/jobs/1`. */
export function projectOfUrl(url: string, field: string): Project {
  const [, base = "", path = ""] =
    /^(https?:\/\/[^/]+)\/(.+?)\/(?:-\/)?(?:pipelines|jobs|commit)\/[^/]+$/.exec(url) ?? [];
  if (path === "") throw new MappingError(field, `must be a web address in a project; found ${JSON.stringify(url)}`);
  return { segments: segmentsOf(path, field), url: `${base}/${path}` };
}

/** Parses the web address of a project. */
export function parseProjectUrl(url: string): Project {
  return projectOfUrl(`${url.replace(/\/$/, "")}/-/jobs/0`, "project URL");
}

/** Service that a project is: the last segment of its path. */
export function serviceOf({ segments }: Project): string {
  return segments.at(-1) ?? "";
}

/** Parts of the id of a deployment of GitLab. */
export function gitlabDeploymentParts({ segments }: Pick<Project, "segments">, id: string): readonly string[] {
  return ["gl", ...segments, "deployment", id];
}

/** Parts of the id of a pipeline of GitLab. */
export function pipelineParts({ segments }: Pick<Project, "segments">, id: string): readonly string[] {
  return ["gl", ...segments, "pipeline", id];
}

function segmentsOf(path: string, field: string): readonly string[] {
  const segments = path.split("/");
  if (segments.length >= 2 && !segments.includes("")) return segments;
  throw new MappingError(field, `must be GROUP/PROJECT; found ${JSON.stringify(path)}`);
}
