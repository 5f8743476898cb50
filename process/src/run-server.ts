import { ConfigError } from "./config-error.ts";

interface ServerProgram {
  /** Name in messages. */
  readonly name: string;
  /** Version and commit. */
  readonly build: string;
  readonly usage: string;
  /** Reads the settings and serves. A ConfigError ends the program with 2, any other with 1. */
  readonly serve: () => Promise<void>;
}

/** Runs a server that takes no arguments but --help and --version. */
export function runServer({ name, build, usage, serve }: ServerProgram): void {
  const fail = (lines: readonly string[], exitCode: number) => {
    const text = lines.map((line) => `${name}: ${line}\n`).join("");
    // Exit explicitly: the server may already listen and keep the process alive.
    process.stderr.write(text, () => process.exit(exitCode));
  };
  const args = process.argv.slice(2);
  const [argument] = args;
  if (argument === undefined) {
    serve().catch((error: unknown) => {
      if (error instanceof ConfigError) fail(error.faults, 2);
      else fail((error as Error).message.split("\n"), 1);
    });
  } else if (argument === "--help" || argument === "-h") process.stdout.write(usage);
  else if (argument === "--version") process.stdout.write(`${name} ${build}\n`);
  else fail([`unknown argument ${args.join(" ")}; see --help`], 2);
}
