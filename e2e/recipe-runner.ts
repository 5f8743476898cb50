import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";

const client = join(import.meta.dirname, "..", "node_modules", ".bin", "activity_client");

// npm adds the programs of this checkout.
const programs = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));

/** A machine of a CI system with a checkout that has a `deploy.sh`, and a folder of releases on the network. */
export interface RecipeRunner extends AsyncDisposable {
  readonly folder: string;
  /** URL of the folder with the binaries. */
  readonly releases: string;
  /** Runs lines of a shell in the checkout; returns their output. Throws with it if they fail. */
  run(lines: string, environment: Readonly<Record<string, string>>, shell?: readonly string[]): Promise<string>;
}

interface RunnerOptions {
  /** Puts activity_client on PATH, as on a machine where it is installed. */
  readonly isInstalled?: boolean;
  /** What `deploy.sh` does. */
  readonly deploy?: string;
}

/** Opens a machine with nothing of this one's environment but its programs. */
export async function openRecipeRunner(options: RunnerOptions = {}): Promise<RecipeRunner> {
  const { isInstalled = false, deploy = "echo deployed" } = options;
  const { path: home } = temporaryFolder();
  const [bin, folder] = [join(home, "bin"), join(home, "checkout")];
  for (const each of [bin, folder]) mkdirSync(each);
  // Its own Node, since PATH may have an older one.
  const program = `#!/bin/sh\nexec ${process.execPath} ${client} "$@"\n`;
  if (isInstalled) writeProgram(join(bin, "activity_client"), program);
  writeProgram(join(folder, "deploy.sh"), `#!/bin/sh\nset -e\n${deploy}\n`);
  const server = createServer(({ url }, answer) => {
    answer.writeHead(url === "/activity_client-linux-x64" ? 200 : 404).end(program);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the releases have no port");
  return {
    folder,
    releases: `http://127.0.0.1:${address.port}`,
    run: async (lines, environment, shell = ["bash", "-e", "-c"]) => {
      const [command = "", ...args] = shell;
      const env = { PATH: [bin, ...programs].join(delimiter), HOME: home, RUNNER_TEMP: home, ...environment };
      return (await promisify(execFile)(command, [...args, lines], { cwd: folder, env })).stdout;
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function writeProgram(file: string, text: string): void {
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}
