import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeTemporaryFolders, temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { type CompletingShell, candidatesInFish, typedWords, writeSettings } from "./completing-shell.ts";
import { mainScript, runClient } from "./running-client.ts";

afterEach(removeTemporaryFolders);

/** Makes a shell with the program, its completion script, two contexts and a file. */
async function shellOf(name: "bash" | "zsh" | "fish"): Promise<CompletingShell> {
  const folder = temporaryFolder().path;
  const program = join(folder, "activity_client");
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${mainScript}' "$@"\n`);
  chmodSync(program, 0o755);
  const contexts = { production: { address: "h:1" }, "local-1": { address: "h:2" } };
  mkdirSync(join(folder, "activity-events"));
  writeFileSync(join(folder, "activity-events", "contexts.json"), JSON.stringify({ contexts }));
  writeFileSync(join(folder, "authorities of us.pem"), "");
  const { exitCode, output } = await runClient({ args: ["completion", name] });
  expect(exitCode).toBe(0);
  const shell = { folder, script: output, environment: { XDG_CONFIG_HOME: folder } };
  if (name !== "fish") writeSettings(shell);
  return shell;
}

// A tab completes a word and a space follows it.
const lines: readonly (readonly [string, string])[] = [
  ["li\t", "<list>"],
  ["--js\tlis\t--ord\tn\t", "<--json><list><--order><newest>"],
  ["add -o f\t--strict", "<add><-o><failure><--strict>"],
  ["--region list deployments --state roll\t", "<--region><list><deployments><--state><rolled_back>"],
  ["deployments --state=roll\t", "<deployments><--state=rolled_back>"],
  ["context u\tprod\t", "<context><use><production>"],
  ["--context lo\ttail x", "<--context><local-1><tail><x>"],
  ["context add prod --repl\t", "<context><add><prod><--replace>"],
  ["--ca-file auth\thealth", "<--ca-file><authorities of us.pem><health>"],
  ["completion f\t", "<completion><fish>"],
  ["run --serv\tapi -- whoa\t", "<run><--service><api><--><whoami>"],
  ["help depl\t", "<help><deployments>"],
];

test.each(["bash", "zsh"] as const)("completes what is typed into %s", async (name) => {
  const shell = await shellOf(name);

  const typed = await Promise.all(lines.map(([line]) => typedWords(name, `activity_client ${line}`, shell)));

  expect(typed).toEqual(lines.map(([, words]) => `<activity_client>${words}`));
});

test("finds no candidates for a text that nobody can guess", async () => {
  const [bash, zsh, fish] = await Promise.all([shellOf("bash"), shellOf("zsh"), shellOf("fish")]);

  const inBash = await typedWords("bash", "activity_client --region a\t", bash);
  const inZsh = await typedWords("zsh", "activity_client --region a\t", zsh);

  expect([inBash, inZsh]).toEqual(Array(2).fill("<activity_client><--region><a>"));
  expect(candidatesInFish("activity_client --region a", fish)).toEqual([]);
});

test.each<[string, readonly string[]]>([
  ["li", ["list"]],
  ["--json list --ord", ["--order"]],
  ["list --order ", ["newest", "oldest"]],
  ["add -o f", ["failure"]],
  ["--region list deployments --state r", ["rolled_back", "running"]],
  ["deployments --state=roll", ["--state=rolled_back"]],
  ["context ", ["add", "list", "remove", "show", "use"]],
  ["context use ", ["local-1", "production"]],
  ["--context lo", ["local-1"]],
  ["context add prod --repl", ["--replace"]],
  ["--ca-file auth", ["authorities of us.pem"]],
  ["completion ", ["bash", "fish", "zsh"]],
  ["run --rec", ["--record-output"]],
  ["run -- whoa", ["whoami"]],
])("completes %j in fish", async (line, candidates) => {
  const shell = await shellOf("fish");

  expect([...candidatesInFish(`activity_client ${line}`, shell)].sort()).toEqual(candidates);
});

test("refuses other shells", async () => {
  const { exitCode, errors } = await runClient({ args: ["completion", "csh"] });

  expect(exitCode).toBe(2);
  expect(errors).toContain("bash, zsh, fish");
});
