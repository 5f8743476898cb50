import pino, { type Logger, type LoggerOptions } from "pino";
import { cloudLogging } from "./cloud-logging.ts";
import { LogBatches } from "./log-batches.ts";
import type { LogLevel } from "./log-level.ts";
import { LogOutput, writeToStandardOutput } from "./log-output.ts";

/** Level and form of a log. */
export interface LogSettings {
  readonly logLevel: LogLevel;
  /** For people, or for Cloud Logging. */
  readonly logFormat: "pretty" | "json";
}

/** A program's log, and its flush before the process ends. */
export interface Log {
  readonly logger: Logger;
  /** Resolves when all lines are written, or cannot be. */
  flush(): Promise<void>;
}

/** Opens the log on standard output: lines for people, or JSON in the form of Cloud Logging. */
export async function openLog({ logFormat, logLevel }: LogSettings): Promise<Log> {
  const { options, format } = logFormat === "pretty" ? await forPeople() : forCloudLogging();
  const lostLine = (lost: number) => {
    let line = "";
    const logger = pino({ ...options, level: "warn" }, { write: (text) => (line = format(text)) });
    logger.warn({ code: "LOG_LINES_LOST", lost }, "lines of the log could not be written");
    return line;
  };
  const output = new LogOutput({ write: writeToStandardOutput, lostLine });
  const batches = new LogBatches(output);
  const logger = pino({ ...options, level: logLevel }, { write: (line) => batches.write(format(line)) });
  const flush = () => {
    batches.passOn();
    return output.flush();
  };
  return { logger, flush };
}

/** Content and form of the log's lines. */
interface LineForm {
  readonly options: LoggerOptions;
  readonly format: (line: string) => string;
}

async function forPeople(): Promise<LineForm> {
  const { prettyFactory } = await import("pino-pretty");
  const format = prettyFactory({ translateTime: "SYS:HH:MM:ss.l", hideObject: true, messageFormat: inOneLine });
  return { options: { base: null }, format };
}

function forCloudLogging(): LineForm {
  return {
    options: { ...cloudLogging, timestamp: timestamps() },
    format: (line) => line,
  };
}

/** Makes the time field of lines; lines of one millisecond share it. */
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

/** Formats the message, then all fields, such as `call code=OK duration_ms=1.2`. */
function inOneLine(entry: Record<string, unknown>): string {
  const { level: _level, time: _time, msg, err, ...fields } = entry;
  const cause = (err as { readonly message?: string } | undefined)?.message;
  const all = cause === undefined ? fields : { ...fields, cause };
  return [msg, ...Object.entries(all).map(([name, value]) => `${name}=${value}`)].join(" ");
}
