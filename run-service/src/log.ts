import pino, { type DestinationStream, type Logger } from "pino";
import type { Config } from "./config.ts";
import { LogBatches } from "./log-batches.ts";

// pino's levels in the words of Cloud Logging.
const severityOf: Readonly<Record<string, string>> = {
  trace: "DEBUG",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  fatal: "CRITICAL",
};

/** The service's log, and how to get its last lines out before the process ends. */
export interface Log {
  readonly logger: Logger;
  /** Resolves when all lines are out, or nobody takes them. */
  flush(): Promise<void>;
}

/** Opens the log on standard output: lines for people, or JSON in the form of Cloud Logging. */
export async function openLog({ logFormat, logLevel }: Pick<Config, "logFormat" | "logLevel">): Promise<Log> {
  if (logFormat === "pretty") {
    const { default: pretty } = await import("pino-pretty");
    const stream: DestinationStream = pretty({
      sync: true,
      translateTime: "SYS:HH:MM:ss.l",
      hideObject: true,
      messageFormat: inOneLine,
    });
    return { logger: pino({ level: logLevel, base: null }, stream), flush: async () => {} };
  }
  // It gets batches and writes each at once; were it to gather 0 bytes, its flush would not wait for a write under way.
  const stream = pino.destination({ fd: 1, sync: false, minLength: 1 });
  // The library would do it at the end of the process, and tries for ever when whoever read the log has gone.
  stream.flushSync = () => {};
  const batches = new LogBatches(stream);
  const logger = pino(
    {
      level: logLevel,
      base: null,
      messageKey: "message",
      timestamp: timestamps(),
      formatters: { level: (label) => ({ severity: severityOf[label] ?? "DEFAULT" }) },
    },
    batches,
  );
  const flush = () => {
    batches.passOn();
    return new Promise<void>((resolve) => stream.flush(() => resolve()));
  };
  return { logger, flush };
}

/** The time as a field of a line; the many lines of one millisecond share it. */
function timestamps(): () => string {
  let ms = 0;
  let field = "";
  return () => {
    const now = Date.now();
    if (now !== ms) {
      ms = now;
      field = `,"time":"${new Date(now).toISOString()}"`;
    }
    return field;
  };
}

/** The message and behind it all fields, such as `call code=OK duration_ms=1.2`. */
function inOneLine(entry: Record<string, unknown>): string {
  const { level: _level, time: _time, msg, err, ...fields } = entry;
  const cause = (err as { readonly message?: string } | undefined)?.message;
  const all = cause === undefined ? fields : { ...fields, cause };
  return [msg, ...Object.entries(all).map(([name, value]) => `${name}=${value}`)].join(" ");
}
