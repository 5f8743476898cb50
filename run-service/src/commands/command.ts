import { type CheckReport, counted, type StoreSettings } from "@activity-events/event-store";
import { ConfigError } from "@activity-events/process/config-error";

/** A command of `activity_server`. */
export interface CommandModule {
  readonly run: Command;
  /** What `--help` behind it prints: arguments, exit codes and an example. */
  readonly help: string;
}

/** Runs a command of `activity_server` on its store. Throws an error with the message; the process then ends with 1 or 2. */
export type Command = (args: readonly string[], store: StoreSettings) => Promise<void>;

/** Returns the single file argument of a command. Throws a ConfigError with the usage. */
export function onlyFileOf(command: string, args: readonly string[]): string {
  const [file, ...others] = args;
  if (file !== undefined && !file.startsWith("-") && others.length === 0) return file;
  throw new ConfigError([`usage: activity_server ${command} FILE; see activity_server ${command} --help`]);
}

/** Interval of progress lines, in ms. */
const sayIntervalMs = { terminal: 200, other: 5_000 } as const;

/** Shows progress on standard error: rewrites one line on a terminal, elsewhere adds a line every few seconds. */
export function progressLine(what: string): (progress: { readonly events: number; readonly of: number }) => void {
  const isTerminal = process.stderr.isTTY === true;
  const intervalMs = isTerminal ? sayIntervalMs.terminal : sayIntervalMs.other;
  let saidMs = performance.now();
  return ({ events, of }) => {
    if (performance.now() - saidMs < intervalMs && !(isTerminal && events === of)) return;
    saidMs = performance.now();
    const text = `${what}: ${events} of ${counted(of, "event")}`;
    process.stderr.write(isTerminal ? `\r${text}${events === of ? "\n" : ""}` : `${text}\n`);
  };
}

/** Describes the content of an undamaged store. */
export function contentOf({ deployments, events, olderSchema }: CheckReport): string {
  if (olderSchema !== undefined) return `a store of schema ${olderSchema}, whose events the next start will check`;
  return `${counted(deployments, "deployment")}, ${counted(events, "event")}`;
}

/** Formats the findings, one line each. */
export function linesOf({ findings, found }: CheckReport): string[] {
  const lines = findings.map(({ deploymentId, sequence, what }) => {
    const place = [deploymentId, sequence].filter((part) => part !== undefined).join("/");
    return `  ${place === "" ? "" : `${place}: `}${what}`;
  });
  return found > findings.length ? [...lines, `  and ${found - findings.length} more`] : lines;
}
