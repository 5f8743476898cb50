/** Returns the UTF-8 length of a character, in bytes. */
const utf8Size = (character: string) => Buffer.byteLength(character);

/**
 * Truncates a text to a size, between characters. Lone surrogates become U+FFFD, because UTF-8 and percent-encoding
 * cannot express them.
 */
export function cutText(text: string, sizeMax: number, sizeOf: (character: string) => number = utf8Size): string {
  let size = 0;
  let end = 0;
  for (const character of text) {
    size += sizeOf(character.toWellFormed());
    if (size > sizeMax) break;
    end += character.length;
  }
  return text.slice(0, end).toWellFormed();
}
