const encoder = new TextEncoder();

// What RFC 3986 has no place for, and a percent sign that begins no code.
const foreign = /[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+|%(?![0-9A-Fa-f]{2})/g;

/** Makes a text a URI reference by encoding what a URI cannot hold; empty if it is longer than so many bytes. */
export function fitUri(text: string, bytesMax: number): string {
  // Encoding makes nothing shorter.
  if (text.length > bytesMax) return "";
  const uri = text
    .toWellFormed()
    .replace(foreign, (part) =>
      Array.from(encoder.encode(part), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
    );
  return uri.length <= bytesMax ? uri : "";
}
