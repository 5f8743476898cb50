import { cloudLogging } from "@activity-events/process/cloud-logging";
import type { LogLevel } from "@activity-events/process/log-level";
import pino, { type DestinationStream, type Logger } from "pino";

/** Opens the log: JSON lines in the form of Cloud Logging, on standard output unless another destination is given. */
export function openLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = { ...cloudLogging, level, timestamp: () => `,"time":"${new Date().toISOString()}"` };
  return pino(options, destination ?? standardOutput());
}

function standardOutput(): DestinationStream {
  // Synchronous, because functions-framework exits at once on SIGTERM. There are few lines.
  const output = pino.destination({ fd: 1, sync: true, maxLength: waitingLengthMax });
  // A run must not depend on its log. Lines that could not be written are retried with the next one.
  output.on("error", () => {});
  return output;
}

/** Most buffered characters of lines that could not be written. */
const waitingLengthMax = 1_048_576;
