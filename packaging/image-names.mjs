import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Files that name images which others make. */
const files = ["Dockerfile", "deploy/tools.Dockerfile", "cloudbuild.yaml", "cloudbuild.test.yaml"];

// What a build makes itself, such as a stage, has no registry before its name.
const named = /(?<=^(?:FROM |ARG BASE=| +name: ))([^\s@$/]+\/[^\s@]+)(?:@(\S+))?/gm;

/** The images of others that the files below `root` name, in order: each with its file, and its digest where it has one. */
export function imageNames(root) {
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(named)].map(([, name, digest]) => ({ file, name, digest })),
  );
}

/** The text of a file with the images in it named by these digests, by their names. */
export function withDigests(text, digests) {
  return text.replace(named, (_, name) => `${name}@${digests.get(name)}`);
}
