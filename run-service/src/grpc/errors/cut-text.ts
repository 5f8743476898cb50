/** Bytes of UTF-8 that a character takes. */
const utf8Size = (character: string) => Buffer.byteLength(character);

/**
 * The longest beginning of a text that is at most so large, cut between two characters and never within one; half surrogate
 * pairs become U+FFFD, since UTF-8 and percent-encoding know no such thing.
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
