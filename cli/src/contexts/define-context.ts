import type { Command } from "commander";
import type { LocalContext, PerformLocally } from "../program/perform-locally.ts";
import { UsageError } from "../program/usage-error.ts";
import { type AddFlags, addContext, removeContext, useContext } from "./change-contexts.ts";
import type { ContextFlags } from "./choose-service.ts";
import { contextFiles, parseContextName } from "./context.ts";
import { listContexts, showContext } from "./show-contexts.ts";

const help = `
A context says how to connect: the address or the service on Cloud Run, TLS, the
files of certificates and token, and the audience. It holds no secrets. Commands
connect by the first of these that is given: a flag (--context, --address or
--run-service), ACTIVITY_ADDRESS, ACTIVITY_CONTEXT, the context in use.

Example:
  activity_client context add prod --run-service activity-events \\
    --region europe-west1 --project my-project
  activity_client context use prod`;

const addHelp = `
Example:
  activity_client context add local --address 127.0.0.1:50051
  activity_client context add test --address events.example.com:443 --tls`;

/** Adds `context` with its commands: keeps ways to connect under names. */
export function defineContext(program: Command, perform: PerformLocally): void {
  const context = program
    .command("context")
    .description("keep ways to connect under names, and choose the one in use")
    .addHelpText("after", help);
  const define = (usage: string, description: string) => context.command(usage).description(description);
  const add = define("add", "add a context from the flags that say how to connect")
    .argument("<name>", "up to 64 letters, digits, dots, dashes and underscores", parseContextName)
    .option("--replace", "replace the context of this name, if there is one")
    .addHelpText("after", addHelp)
    .action((name: string) => perform(add, (local) => addContext(local, name, add.optsWithGlobals<AddFlags>())));
  const use = define("use", "put a context in use: commands connect by it")
    .argument("[context]", "name of the context")
    .option("--none", "use no context any more")
    .addHelpText("after", "\nExample:\n  activity_client context use prod")
    .action((name: string | undefined, { none = false }: { readonly none?: boolean }) =>
      perform(use, (local) => useContext(withoutFlags(local, use), name, none)),
    );
  const list = define("list", "list the contexts, which one is in use, and their file")
    .addHelpText("after", "\nExample:\n  activity_client context list --json")
    .action(() => perform(list, (local) => listContexts(withoutFlags(local, list))));
  const show = define("show", "show one context, by default the one in use")
    .argument("[context]", "name of the context")
    .addHelpText("after", "\nExample:\n  activity_client context show prod")
    .action((name: string | undefined) => perform(show, (local) => showContext(withoutFlags(local, show), name)));
  const remove = define("remove", "remove a context")
    .argument("<context>", "name of the context")
    .addHelpText("after", "\nExample:\n  activity_client context remove prod")
    .action((name: string) => perform(remove, (local) => removeContext(withoutFlags(local, remove), name)));
}

/** Refuses flags without a meaning here; to ignore them would look like obeying. */
function withoutFlags(local: LocalContext, command: Command): LocalContext {
  const flags = command.optsWithGlobals<ContextFlags>();
  const { address, runService, region, project, audience, tls, context } = flags;
  const files = contextFiles.map((name) => flags[name]);
  if ([address, runService, region, project, audience, tls, context, ...files].every((flag) => flag === undefined)) {
    return local;
  }
  throw new UsageError(`context ${command.name()} takes none of the flags that name a service; only context add does.`);
}
