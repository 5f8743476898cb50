import { parseArgs } from "node:util";

/** What the demo was asked for. */
export interface Arguments {
  readonly address: string;
  readonly add: boolean;
  readonly live: boolean;
  readonly seed: number;
  /** End of the invented past, in ms since 1970. */
  readonly untilMs: number;
}

export const help = `Usage: npm run demo [-- OPTION...]

Fills a running service whose store is empty with three weeks of an invented shop: eight services in three environments. Then one
deployment after the other goes on, until Ctrl-C.

  --address HOST:PORT  address of the service (default: ACTIVITY_ADDRESS, else 127.0.0.1:50051)
  --add                fill a store that is not empty; nothing can remove these events again
  --no-live            stop after the past; leaves one deployment in flight
  --seed NUMBER        invent another shop (default: 1); the same seed and time invent the same
  --until TIME         end of the past, such as 2026-11-24T12:00:00Z (default: now)
  -h, --help           print this help

Exit codes: 0 done, 1 the service refused or cannot be reached, or its store is not empty, 2 wrong arguments
`;

/** A fault in the arguments, in words for the user. */
export class ArgumentsError extends Error {}

/** Reads the arguments; undefined if help was asked for. */
export function readArguments(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  nowMs: number,
): Arguments | undefined {
  const { values } = parse(args);
  if (values.help) return undefined;
  const seed = Number(values.seed ?? 1);
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new ArgumentsError(`--seed must be an integer of at least 0; found ${values.seed}`);
  }
  const untilMs = values.until === undefined ? nowMs : Date.parse(values.until);
  // Times before 2000 are no event times.
  if (Number.isNaN(untilMs) || untilMs > nowMs || untilMs < Date.UTC(2001, 0)) {
    throw new ArgumentsError(
      `--until must be a time from 2001 to now, such as 2026-11-24T12:00:00Z; found ${values.until}`,
    );
  }
  const address = values.address ?? (environment.ACTIVITY_ADDRESS || "127.0.0.1:50051");
  return { address, add: values.add === true, live: values["no-live"] !== true, seed, untilMs };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        address: { type: "string" },
        add: { type: "boolean" },
        "no-live": { type: "boolean" },
        seed: { type: "string" },
        until: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new ArgumentsError((error as Error).message);
  }
}
