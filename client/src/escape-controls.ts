// Control characters, lone surrogates, line and paragraph separators, and bidirectional formatting characters.
const unprintable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Escapes everything that could control a terminal or break a line: `\n`, `\x1b`, `\u202e`. */
export function escapeControls(text: string): string {
  return replaceControls(text, (code) => short[String.fromCharCode(code)] ?? escaped(code));
}

/** Replaces the same characters; `replacement` receives the code. */
export function replaceControls(text: string, replacement: (code: number) => string): string {
  return text.replace(unprintable, (character) => replacement(character.charCodeAt(0)));
}

function escaped(code: number): string {
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, "0")}` : `\\u${digits.padStart(4, "0")}`;
}
