import stringWidth from "string-width";

/** Measures a printable text in terminal cells: a Chinese character takes two, a combining mark none. */
export function displayWidth(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/** Pads a text with spaces to a width in terminal cells. */
export function padToWidth(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Cuts a text to a width in terminal cells, with an ellipsis for what is missing. */
export function cutToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let [cut, used] = ["", 0];
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += displayWidth(segment);
    if (used > width - 1) break;
    cut += segment;
  }
  return width < 1 ? "" : `${cut}…`;
}
