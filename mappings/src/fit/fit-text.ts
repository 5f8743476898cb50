const encoder = new TextEncoder();

/** Makes a text one that UTF-8 can hold, and cuts it to whole characters of at most so many bytes. */
export function fitText(text: string, bytesMax: number): string {
  const whole = text.toWellFormed();
  // A unit of UTF-16 takes at most three bytes.
  if (whole.length * 3 <= bytesMax) return whole;
  const { read } = encoder.encodeInto(whole, new Uint8Array(bytesMax));
  return whole.slice(0, read);
}

/** UTF-8 bytes of a text. */
export function bytesOf(text: string): number {
  return encoder.encode(text).length;
}
