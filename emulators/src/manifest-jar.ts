import { crc32 } from "node:zlib";

/** What `java -jar` is to run. */
export interface JarEntry {
  /** The class that holds main. */
  readonly mainClass: string;
  /** The file URL of the jar that holds the class. */
  readonly classPath: string;
}

/**
 * A jar that holds nothing but a manifest which points at another jar: it makes `java -jar` work where that one names no
 * main class, as the gcloud SDK's Firestore emulator does not.
 */
export function manifestJar({ mainClass, classPath }: JarEntry): Buffer {
  const lines = ["Manifest-Version: 1.0", `Main-Class: ${mainClass}`, `Class-Path: ${classPath}`];
  return zipOf("META-INF/MANIFEST.MF", Buffer.from(lines.map((line) => `${wrapped(line)}\r\n`).join("")));
}

/** A manifest's lines hold 72 bytes; what is longer goes on in the next line, after a space. */
function wrapped(line: string): string {
  return [line.slice(0, 72), ...(line.slice(72).match(/.{1,71}/g) ?? [])].join("\r\n ");
}

/** A zip archive of one file, stored as it is. Source: PKWARE's APPNOTE.TXT, 4.3. */
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
