import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A program of the SDK's README. */
export interface Example {
  readonly code: string;
  /** Output that the README shows; undefined for a program that needs Google Cloud. */
  readonly prints: string | undefined;
}

/** The programs of client/README.md, in their order. */
export function readmeExamples(): readonly Example[] {
  const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
  const blocks = readme.matchAll(/```ts\n(.*?)```\n(?:\n```text\n(.*?)```)?/gs);
  return [...blocks].map(([, code = "", prints]) => ({ code, prints }));
}
