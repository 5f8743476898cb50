import { styleText } from "node:util";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Colours a text by severity. */
export type Paint = (text: string, severity: Severity) => string;

/** Adds no colour. */
export const plain: Paint = (text) => text;

/** Colours with the terminal's 16-colour palette. */
export const coloured: Paint = (text, severity) => {
  if (severity >= Severity.CRITICAL) return style(["bold", "red"], text);
  if (severity >= Severity.ERROR) return style("red", text);
  if (severity >= Severity.WARNING) return style("yellow", text);
  if (severity >= Severity.NOTICE) return style("cyan", text);
  return severity === Severity.DEBUG ? style("dim", text) : text;
};

function style(format: Parameters<typeof styleText>[0], text: string): string {
  // The caller has already checked that the output takes colours.
  return styleText(format, text, { validateStream: false });
}
