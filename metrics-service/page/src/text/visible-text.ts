/** Part of a text: shown as it is, or a character that would act on the page's text instead of being seen. */
export type TextPart =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "control"; readonly symbol: string; readonly name: string };

/** Characters that turn the direction of what follows, or are not seen at all, and what Unicode calls them. */
const names: Readonly<Record<string, string>> = {
  "\t": "TAB",
  "\n": "LF",
  "\r": "CR",
  " ": "SP",
  "\u00a0": "NBSP",
  "\u061c": "ALM",
  "\u200b": "ZWSP",
  "\u200e": "LRM",
  "\u200f": "RLM",
  "\u202a": "LRE",
  "\u202b": "RLE",
  "\u202c": "PDF",
  "\u202d": "LRO",
  "\u202e": "RLO",
  "\u2060": "WJ",
  "\u2066": "LRI",
  "\u2067": "RLI",
  "\u2068": "FSI",
  "\u2069": "PDI",
  "\ufeff": "BOM",
  "\u001b": "ESC",
};

// Line feed and tab lay a text out. The tags of plane 14 are not seen.
const controls = /(?![\n\t])\p{Cc}|\p{Bidi_Control}|[\u200b\u2028\u2029\u2060\ufeff]|[\u{e0000}-\u{e007f}]|\p{Cs}/gu;

// A name of spaces alone would look like none. Three letters and the empty pattern of Braille are blank, too.
const blank = /^[\s\u115f\u1160\u3164\uffa0\u2800]+$/;

/**
 * Splits a text into what is shown as it is, and control characters, which get a visible symbol each; so does each character of a text
 * in which none would be seen.
 */
export function visibleParts(text: string): readonly TextPart[] {
  if (blank.test(text)) return [...text].map((character) => ({ kind: "control", ...symbolOf(character) }));
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: character, index } of text.matchAll(controls)) {
    if (character === "\r" && text[index + 1] === "\n") continue;
    if (index > end) parts.push({ kind: "text", text: text.slice(end, index) });
    parts.push({ kind: "control", ...symbolOf(character) });
    end = index + character.length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  return parts;
}

/** The same as one text, for attributes and titles. */
export function visibleText(text: string): string {
  return visibleParts(text)
    .map((part) => (part.kind === "text" ? part.text : `[${part.symbol}]`))
    .join("");
}

function symbolOf(character: string): { readonly symbol: string; readonly name: string } {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return { symbol: names[character] ?? `U+${code}`, name: `character U+${code}` };
}
