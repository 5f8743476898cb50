import { crc32 } from "node:zlib";

/** Class that `java -jar` runs. */
export interface JarEntry {
  /** Name of the class with main. */
  readonly mainClass: string;
  /** File URL of the jar with the class. */
  readonly classPath: string;
}

/**
 * Makes a jar with only a manifest that points to another jar. It makes `java -jar` work for a jar without a main class,
 * such as the gcloud SDK's Firestore emulator.
 */
export function manifestJar({ mainClass, classPath }: JarEntry): Buffer {
  const lines = ["Manifest-Version: 1.0", `Main-Class: ${mainClass}`, `Class-Path: ${classPath}`];
  return zipOf("META-INF/MANIFEST.MF", Buffer.from(lines.map((line) => `${wrapped(line)}\r\n`).join("")));
}

/** Wraps a line of a manifest at 72 bytes; a continuation starts with a space. */
function wrapped(line: string): string {
  return [line.slice(0, 72), ...(line.slice(72).match(/.{1,71}/g) ?? [])].join("\r\n ");
}

/** Makes a zip archive of one uncompressed file. Source: PKWARE's APPNOTE.TXT, 4.3. */
function zipOf(name: string, content: Buffer): Buffer {
  // Version 2.0, no flags, stored, at 1 January 1980 (the day must not be 0), then checksum, both sizes and lengths.
  const described = Buffer.alloc(26);
  described.writeUInt16LE(20, 0);
  described.writeUInt16LE(0x21, 8);
  described.writeUInt32LE(crc32(content), 10);
  described.writeUInt32LE(content.length, 14);
  described.writeUInt32LE(content.length, 18);
  described.writeUInt16LE(name.length, 22);
  const file = Buffer.concat([Buffer.from("PK\x03\x04"), described, Buffer.from(name), content]);

  const madeBy = Buffer.from([20, 0]);
  const rest = Buffer.alloc(14);
  const directory = Buffer.concat([Buffer.from("PK\x01\x02"), madeBy, described, rest, Buffer.from(name)]);

  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(file.length, 12);
  return Buffer.concat([file, directory, Buffer.from("PK\x05\x06"), end]);
}
