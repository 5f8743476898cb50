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

/** Cuts a text to a width in terminal cells, with an ellipsis in its middle for what is missing. */
export function cutMiddleToWidth(text: string, width: number): string {
  if (displayWidth(text) <= width || width < 3) return cutToWidth(text, width);
  const begin = cutToWidth(text, Math.ceil((width + 1) / 2));
  const segments = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  let [end, room] = ["", width - displayWidth(begin)];
  for (const segment of segments.reverse()) {
    room -= displayWidth(segment);
    if (room < 0) break;
    end = segment + end;
  }
  return begin + end;
}
