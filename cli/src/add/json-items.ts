/** An item of a listing, numbered from 1. */
export type JsonItem =
  | { readonly kind: "text"; readonly number: number; readonly text: string }
  | { readonly kind: "unreadable"; readonly number: number; readonly problem: string };

// A page of 100 runs of a workflow is an object of about 2 MB.
const itemCharactersMax = 32 * 1024 * 1024;

/**
 * Reads JSON values one behind the other, with or without white space between them, as `gh api --paginate` and `jq -c` write them.
 * Yields the items of arrays and all other values, those that each chunk completes at once. Holds one item at a time.
 */
export async function* readJsonItems(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly JsonItem[]> {
  const splitter = new ItemSplitter();
  const decoder = new TextDecoder("utf-8");
  for await (const chunk of input) {
    const text = typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const items = splitter.take(text);
    if (items.length > 0) yield items;
  }
  const items = [...splitter.take(decoder.decode()), ...splitter.end()];
  if (items.length > 0) yield items;
}

/** Finds where values begin and end; whether they are JSON is for the parser to say. */
class ItemSplitter {
  #number = 0;
  /** Text of the item that has begun, in parts. */
  #parts: string[] = [];
  #characters = 0;
  /** Brackets that are open inside of the item. */
  #depth = 0;
  #isInArray = false;
  #isInString = false;
  #isEscaped = false;

  take(text: string): JsonItem[] {
    const items: JsonItem[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at] as string;
      if (this.#isInString) {
        this.#inString(character);
        continue;
      }
      const isOutside = this.#depth === 0;
      if (isOutside && isSeparator(character, this.#isInArray)) {
        this.#add(text.slice(from, at));
        items.push(...this.#finish());
        from = at + 1;
        if (character === "]") this.#isInArray = false;
      } else if (isOutside && character === "[" && !this.#isInArray) {
        this.#add(text.slice(from, at));
        items.push(...this.#finish());
        from = at + 1;
        this.#isInArray = true;
      } else {
        if (isOutside && character === "{" && this.#hasText(text.slice(from, at))) {
          // An object right behind another value.
          this.#add(text.slice(from, at));
          items.push(...this.#finish());
          from = at;
        }
        this.#begin(character);
        if (this.#depth === 0 && character === "}") {
          this.#add(text.slice(from, at + 1));
          items.push(...this.#finish());
          from = at + 1;
        }
      }
    }
    this.#add(text.slice(from));
    return items;
  }

  /** Ends the input. */
  end(): JsonItem[] {
    const items = this.#finish();
    if (!this.#isInArray) return items;
    this.#number += 1;
    return [...items, { kind: "unreadable", number: this.#number, problem: "The input ends inside of an array." }];
  }

  #inString(character: string): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (character === "\\") this.#isEscaped = true;
    else if (character === '"') this.#isInString = false;
  }

  #begin(character: string): void {
    if (character === '"') this.#isInString = true;
    else if (character === "{" || character === "[") this.#depth += 1;
    else if ((character === "}" || character === "]") && this.#depth > 0) this.#depth -= 1;
  }

  #hasText(text: string): boolean {
    return text.trim() !== "" || this.#parts.some((part) => part.trim() !== "");
  }

  #add(text: string): void {
    this.#characters += text.length;
    if (text !== "" && this.#characters <= itemCharactersMax) this.#parts.push(text);
  }

  #finish(): JsonItem[] {
    const text = this.#parts.join("").trim();
    const isTooLong = this.#characters > itemCharactersMax;
    this.#parts = [];
    this.#characters = 0;
    this.#depth = 0;
    if (text === "") return [];
    this.#number += 1;
    const number = this.#number;
    if (!isTooLong) return [{ kind: "text", number, text }];
    return [{ kind: "unreadable", number, problem: `The item is longer than ${itemCharactersMax} characters.` }];
  }
}

/** Commas part the items of an array, line ends other values, such as a message of an error between them. */
function isSeparator(character: string, isInArray: boolean): boolean {
  return isInArray ? character === "," || character === "]" : character === "\n";
}
