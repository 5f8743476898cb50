import calls from "./recorded-calls.json" with { type: "json" };

/** A call of the ancestor's own client, and what it wrote: recorded, not thought up. */
export interface RecordedCall {
  readonly args: readonly string[];
  readonly exitCode: number;
  /** What standard error got, in a pipe and on a terminal; the latter is left out where it steers the terminal. */
  readonly pipe: string;
  readonly terminal?: string | undefined;
}

/** Where the calls were made: `{port}` has a service, and on `{closed}` nobody listens. */
export interface RecordedPlace {
  readonly port: number;
  readonly closed: number;
}

const flags = `  -add string
    \tEvent to add
  -address string
    \tAddress of the server for connection (default "127.0.0.1")
  -deployment int
    \tStream deployment events by given ID
  -port int
    \tPort of the server for connection (default 50051)
`;

/**
 * The recorded calls, in their order, for this place. They were made against this service, in a store that held the event 1 of
 * deployment 77, with the message "first"; times and durations are left out, as `withoutTimes` does.
 */
export function recordedCalls({ port, closed }: RecordedPlace): RecordedCall[] {
  const place = (text: string) =>
    text
      .replaceAll("{port}", `${port}`)
      .replaceAll("{closed}", `${closed}`)
      .replaceAll("{flags}", flags)
      .replaceAll("{long}", "m".repeat(70_000));
  return (calls as RecordedCall[]).map(({ args, exitCode, pipe, terminal }) => ({
    args: args.map(place),
    exitCode,
    pipe: place(pipe),
    terminal: terminal === undefined ? undefined : place(terminal),
  }));
}

/** A line without what differs from call to call: times, durations, and where in memory the ancestor's client lay. */
export function withoutTimes(line: string): string {
  return line
    .replaceAll(/time="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)"/g, 'time="T"')
    .replaceAll(/\[\d{4}\]/g, "[0000]")
    .replaceAll(/in -?\d+ ms/g, "in N ms")
    .replaceAll(/(send|receive):\d+/g, "$1:N")
    .replaceAll(/&\{0x[0-9a-f]+\}/g, "&{0xN}");
}
