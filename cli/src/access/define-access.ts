import type { Command } from "commander";
import { Option } from "commander";
import { parseFile, parseId } from "../flags/parse-flags.ts";
import type { PerformLocally } from "../program/perform-locally.ts";
import type { CheckFlags } from "./check-access.ts";

const help = `
An access file says who may do what (docs/access.md). This looks at the file
alone, and asks no service.`;

const checkHelp = `
Members: user:NAME, serviceAccount:NAME, token:NAME, certificate:NAME, or all
for a call without credentials. The domain of an address is added by itself.

Ends with 1 if --may names what is not permitted, with 2 if the file is no good.

Example:
  activity_client access check --file access.yaml
  activity_client access check --file access.yaml --as user:mira@acme.example \\
    --deployment-id shop-42 --may write`;

/** Adds `access check`: checks an access file, and explains what it decides. */
export function defineAccess(program: Command, perform: PerformLocally): void {
  const access = program
    .command("access")
    .description("check an access file and explain what it decides")
    .addHelpText("after", help);
  const check = access
    .command("check")
    .description("check an access file, and say what it permits somebody on a deployment")
    .requiredOption("--file <file>", "the access file", parseFile)
    .option("--as <member>", "who calls, such as user:mira@acme.example")
    .option(
      "--group <group>",
      "a group of who calls, with its prefix; repeatable",
      (group: string, all: string[] = []) => [...all, group],
    )
    .option("--deployment-id <id>", "deployment, which need not exist", parseId)
    .addOption(new Option("--may <permission>", "fail unless this is permitted").choices(["read", "write", "admin"]))
    .addHelpText("after", checkHelp)
    .action((flags: CheckFlags) =>
      perform(check, async (local) => {
        // Loaded on demand, because most calls read no access file.
        const { checkAccess } = await import("./check-access.ts");
        await checkAccess(local, flags);
      }),
    );
}
