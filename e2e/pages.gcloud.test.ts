import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { commandsOf } from "./deploying-page.ts";
import { gcloudCommands, unknownToGcloud } from "./gcloud-commands.ts";

// Commands that came after the SDK that CI may have; the reference documents them.
const newCommands = ["gcloud firestore databases clone"];

const root = join(import.meta.dirname, "..");

test.each([
  ["docs/configuration.md", 2],
  ["docs/runbook.md", 15],
  ["docs/subscribing.md", 10],
  ["charts/activity-events/templates/NOTES.txt", 3],
])("every command of gcloud in %s is one that gcloud knows, with these flags", (page, atLeast) => {
  const known = gcloudCommands();

  const commands = gcloudLines(readFileSync(join(root, page), "utf8")).flatMap(wordsBehindGcloud);

  expect(commands.length).toBeGreaterThanOrEqual(atLeast);
  const unknown = commands.flatMap((words) => unknownToGcloud(known, words));
  expect(unknown.filter((command) => !newCommands.includes(command))).toEqual([]);
});

/** The lines that begin with gcloud or hold it in `$(…)`, each with its continuations. */
function gcloudLines(text: string): readonly string[] {
  const lines = text.replaceAll(/\\\n\s*/g, " ").split("\n");
  return lines.filter((line) => /(^|\$\()\s*gcloud /.test(line));
}

function wordsBehindGcloud(line: string): readonly (readonly string[])[] {
  return commandsOf(line)
    .filter((words) => words.includes("gcloud"))
    .map((words) => words.slice(words.indexOf("gcloud") + 1));
}
