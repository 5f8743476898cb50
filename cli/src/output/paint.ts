import { styleText } from "node:util";
import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";

/** Colours a text by how grave it is; without colours it is the text. */
export type Paint = (text: string, severity: Severity) => string;

/** Leaves every text as it is. */
export const plain: Paint = (text) => text;

/** Colours with the terminal's own sixteen. */
export const coloured: Paint = (text, severity) => {
  if (severity >= Severity.CRITICAL) return style(["bold", "red"], text);
  if (severity >= Severity.ERROR) return style("red", text);
  if (severity >= Severity.WARNING) return style("yellow", text);
  if (severity >= Severity.NOTICE) return style("cyan", text);
  return severity === Severity.DEBUG ? style("dim", text) : text;
};

function style(format: Parameters<typeof styleText>[0], text: string): string {
  // Whether the output takes colours was decided before.
  return styleText(format, text, { validateStream: false });
}
