import { inflateRawSync } from "node:zlib";

/** The files of a zip archive, by name. Source: PKWARE's APPNOTE.TXT, 4.3; the machine may have no unzip. */
export function unzip(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const end = archive.lastIndexOf("PK\x05\x06");
  let entry = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) =>
      archive.readUInt16LE(entry + at),
    ) as Lengths;
    const name = archive.toString("utf8", entry + 46, entry + 46 + nameLength);
    const file = archive.readUInt32LE(entry + 42);
    const begin = file + 30 + archive.readUInt16LE(file + 26) + archive.readUInt16LE(file + 28);
    const bytes = archive.subarray(begin, begin + archive.readUInt32LE(entry + 20));
    const isDeflated = archive.readUInt16LE(entry + 10) === 8;
    files.set(name, isDeflated ? inflateRawSync(bytes) : bytes);
    entry += 46 + nameLength + extraLength + commentLength;
  }
  return files;
}

type Lengths = [number, number, number];
