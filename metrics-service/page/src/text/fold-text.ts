/** Longest text that is shown at once, in characters and lines. */
const charactersMax = 600;
const linesMax = 12;

/** Returns the beginning of a text that is too long to be shown at once; undefined for a text that is not. */
export function foldedText(text: string): string | undefined {
  let end = Math.min(text.length, charactersMax);
  let lineEnd = -1;
  for (let line = 0; line < linesMax; line++) {
    lineEnd = text.indexOf("\n", lineEnd + 1);
    if (lineEnd === -1 || lineEnd >= end) break;
    if (line === linesMax - 1) end = lineEnd;
  }
  if (end === text.length) return undefined;
  // Not between the halves of one character.
  const isSplit = /[\ud800-\udbff]/.test(text[end - 1] ?? "");
  return text.slice(0, isSplit ? end - 1 : end);
}
