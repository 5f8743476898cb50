type Ending = "at a balance" | "at an event";

/**
 * Recognizes JSON that is spread over several lines, as an editor or `jq` without `-c` writes it: an array of events or a
 * pretty-printed event. Give it every line in order.
 */
export class SpreadJson {
  #depth = 0;
  #ending: Ending = "at an event";

  /** True after a line that leaves such a value open. */
  get isOpen(): boolean {
    return this.#depth > 0;
  }

  /** Describes the value that begins on this line; undefined if none does. */
  begin(text: string): string | undefined {
    const isArray = /^\s*\[\s*(\{|$)/.test(text);
    if (!isArray && !/^\s*\{\s*($|"[^"\\]*"\s*:.*[,{[]\s*$)/.test(text)) return undefined;
    this.#depth = 0;
    this.#follow(text);
    if (!this.isOpen) return undefined;
    // A line that was cut off also looks like the first of an object. What follows may be whole events.
    this.#ending = isArray ? "at a balance" : "at an event";
    const filter = isArray ? ".[]" : ".";
    const found = isArray ? "an array" : "an object";
    return `${found} that does not end on its line; expected one event a line: \`jq -c '${filter}'\` makes that`;
  }

  /** Tells whether this line still belongs to the open value. `isEvent`: the line alone is an event. */
  continues(text: string, isEvent: boolean): boolean {
    if (!this.isOpen) return false;
    if (isEvent && this.#ending === "at an event") {
      this.#depth = 0;
      return false;
    }
    this.#follow(text);
    return true;
  }

  /** Counts the brackets outside of strings. A JSON string never goes over the end of a line. */
  #follow(text: string): void {
    const bare = text.replace(/"(?:[^"\\]|\\.)*"?/g, "");
    for (const character of bare) {
      if (character === "{" || character === "[") this.#depth += 1;
      if (character === "}" || character === "]") this.#depth -= 1;
    }
  }
}
