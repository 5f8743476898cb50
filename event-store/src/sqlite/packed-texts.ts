import type { EventFacts } from "../domain/event.ts";

/** Texts by their place; most occur in many events. */
export class Texts {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  placeOf(text: string): number {
    const before = this.#places.get(text);
    if (before !== undefined) return before;
    const place = this.add(text);
    this.#places.set(text, place);
    return place;
  }

  /** One that occurs once. */
  add(text: string): number {
    return this.all.push(text) - 1;
  }
}

const noLabels: EventFacts["labels"] = {};

export function labelsText(labels: EventFacts["labels"]): string {
  for (const _ in labels) return JSON.stringify(labels);
  return "";
}

export function labelsOf(text: string): EventFacts["labels"] {
  return text === "" ? noLabels : JSON.parse(text);
}
