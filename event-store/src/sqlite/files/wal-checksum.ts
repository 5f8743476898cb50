/** Running checksum of a write-ahead log, as in sqlite.org/fileformat2.html#checksum_algorithm. */
export interface WalChecksum {
  readonly first: number;
  readonly second: number;
}

const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Continues a checksum over bytes, whose number is a multiple of eight. */
export function walChecksum(before: WalChecksum, bytes: Buffer, isBigEndian: boolean): WalChecksum {
  // A copy that is aligned and in this machine's byte order.
  const copy = Buffer.from(new Uint8Array(bytes).buffer);
  if (isBigEndian === isLittleEndian) copy.swap32();
  const words = new Uint32Array(copy.buffer, copy.byteOffset, copy.length / 4);
  let { first, second } = before;
  for (let at = 0; at < words.length; at += 2) {
    first = (first + (words[at] as number) + second) >>> 0;
    second = (second + (words[at + 1] as number) + first) >>> 0;
  }
  return { first, second };
}
