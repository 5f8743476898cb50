import { escapeControls } from "@activity-events/client";
import type { StandardStream } from "./standard-stream.ts";

/** Makes a function that writes a message to standard error, with the program's name before it. */
export function complaintWriter(errors: StandardStream): (text: string) => void {
  return (text) => {
    errors.write(`activity_client: ${text.split("\n").map(escapeControls).join("\n")}\n`);
  };
}
