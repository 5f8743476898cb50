import { stripVTControlCharacters } from "node:util";
import { replaceControls } from "@activity-events/client/internal";

/** Longest line that is recorded, in characters; a longer one is cut. */
export const lineCharactersMax = 2_000;
// Escape sequences make a line longer than it looks.
const heldCharactersMax = 4 * lineCharactersMax;

/**
 * Makes lines for people of what a program writes: without escape sequences and control characters, and of a line that was rewritten by
 * carriage returns, as progress bars do, the last state. Holds a bounded part of a line that does not end.
 */
export class OutputLines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new TextDecoder();
  #held = "";
  #isCut = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next bytes. */
  take(bytes: Uint8Array): void {
    this.#takeText(this.#decoder.decode(bytes, { stream: true }));
  }

  /** Takes the end of the output, and with it a last line without an end. */
  end(): void {
    this.#takeText(this.#decoder.decode());
    this.#tell();
  }

  #takeText(text: string): void {
    const [first = "", ...others] = text.split("\n");
    this.#hold(first);
    for (const line of others) {
      this.#tell();
      this.#hold(line);
    }
  }

  #hold(text: string): void {
    const rewritten = (this.#held + text).replace(/\r+$/, "\r");
    // A carriage return at the end belongs to the end of the line, or what follows it rewrites the line.
    const start = rewritten.lastIndexOf("\r", rewritten.length - 2) + 1;
    if (start > 0) this.#isCut = false;
    const held = rewritten.slice(start);
    this.#isCut ||= held.length > heldCharactersMax;
    this.#held = held.slice(0, heldCharactersMax);
  }

  #tell(): void {
    const plain = replaceControls(stripVTControlCharacters(this.#held).replaceAll("\t", " "), () => "").trimEnd();
    const isCut = this.#isCut || plain.length > lineCharactersMax;
    this.#held = "";
    this.#isCut = false;
    if (plain === "") return;
    this.#onLine(isCut ? `${plain.slice(0, lineCharactersMax).replace(/[\ud800-\udbff]$/, "")} …` : plain);
  }
}
