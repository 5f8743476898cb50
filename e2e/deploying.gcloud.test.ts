import { expect, test } from "@jest/globals";
import { commandsNamed } from "./deploying-page.ts";
import { gcloudCommands, unknownToGcloud } from "./gcloud-commands.ts";

test("every command of gcloud on the page is one that gcloud knows, with these flags", () => {
  const known = gcloudCommands();

  expect(commandsNamed("gcloud").length).toBeGreaterThan(8);
  expect(commandsNamed("gcloud").flatMap((words) => unknownToGcloud(known, words))).toEqual([]);
  expect(unknownToGcloud(known, ["run", "services", "dance"])).toEqual(["gcloud run services dance"]);
  expect(unknownToGcloud(known, ["auth", "login", "--softly"])).toEqual(["gcloud auth login --softly"]);
});
