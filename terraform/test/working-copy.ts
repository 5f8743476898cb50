import { execFile, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";

const root = join(import.meta.dirname, "..", "..");

/** What a command printed, both streams together, and how it ended. */
export interface Outcome {
  readonly exitCode: number;
  readonly output: string;
}

/** A copy of the configuration to run Terraform in, or to break: nothing that is run leaves a trace in the repository. */
export interface WorkingCopy {
  /** Runs Terraform in a folder of `terraform/`, without colours and without asking. */
  terraform(folder: string, ...args: string[]): Promise<Outcome>;
  /** Runs it where anything but success is a fault of the test. */
  must(folder: string, ...args: string[]): Promise<string>;
  /** Replaces a text in a file of `terraform/`; it must be there. */
  replace(file: string, text: string | RegExp, by: string): void;
  /** Writes a file of `terraform/`. */
  write(file: string, content: string): void;
  readonly folder: string;
  remove(): void;
}

/** Says in one line why Terraform cannot test the modules on this machine; undefined where it can. */
export async function whyNoTerraform(): Promise<string | undefined> {
  const { status } = spawnSync("terraform", ["version"], { stdio: "ignore" });
  if (status !== 0) return "install Terraform 1.11 or newer as its makers' page on installing says";
  const copy = makeWorkingCopy();
  try {
    const { exitCode } = await copy.terraform("modules/topic", "init", "-backend=false");
    if (exitCode === 0) return undefined;
    return "Terraform cannot download its Google provider: go online, or name a mirror of it in TF_CLI_CONFIG_FILE";
  } finally {
    copy.remove();
  }
}

/** Says in one line why tflint cannot be run on this machine; undefined where it can. */
export function whyNoTflint(): string | undefined {
  const { status } = spawnSync("tflint", ["--version"], { stdio: "ignore" });
  if (status === 0) return undefined;
  return "go install github.com/terraform-linters/tflint@v0.64.0";
}

/** Says in one line why terraform-docs cannot be run on this machine; undefined where it can. */
export function whyNoTerraformDocs(): string | undefined {
  const { status } = spawnSync("terraform-docs", ["--version"], { stdio: "ignore" });
  return status === 0 ? undefined : "install terraform-docs 0.20 as its makers' page on installing says";
}

/** Copies `terraform/`, and beside it the indexes that it reads and the scripts that apply it. */
export function makeWorkingCopy(): WorkingCopy {
  const temporary = temporaryFolder();
  const scratch = temporary.path;
  const folder = join(scratch, "terraform");
  // What was run by hand in the repository itself, a state most of all, has no place in a test, nor have a user's own values.
  const isOurs = (path: string) => !/[/\\][.]terraform|tfstate|[.]tfvars$/.test(path.slice(root.length));
  cpSync(join(root, "terraform"), folder, { recursive: true, filter: isOurs });
  const indexes = join("event-store", "firestore.indexes.json");
  mkdirSync(join(scratch, dirname(indexes)));
  cpSync(join(root, indexes), join(scratch, indexes));
  for (const scripts of ["deploy", "packaging"])
    cpSync(join(root, scripts), join(scratch, scripts), { recursive: true });
  const cache = join(scratch, "plugins");
  mkdirSync(cache);

  const terraform = (from: string, ...args: string[]) =>
    run("terraform", [...args, "-no-color"], join(folder, from), { TF_PLUGIN_CACHE_DIR: cache });
  return {
    folder,
    terraform,
    must: async (from, ...args) => {
      const { exitCode, output } = await terraform(from, ...args);
      if (exitCode !== 0) throw new Error(`terraform ${args.join(" ")} in ${from} ended with ${exitCode}:\n${output}`);
      return output;
    },
    replace: (file, text, by) => {
      const path = join(folder, file);
      const before = readFileSync(path, "utf8");
      const after = before.replace(text, by);
      if (after === before) throw new Error(`${file} does not hold ${text}`);
      writeFileSync(path, after);
    },
    write: (file, content) => writeFileSync(join(folder, file), content),
    remove: () => temporary[Symbol.dispose](),
  };
}

/** Runs a command to its end. */
export function run(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const env = { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", TF_INPUT: "0", ...environment };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      resolve({ exitCode, output: `${stdout}${stderr}` });
    });
  });
}
