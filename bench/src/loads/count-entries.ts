/**
 * Counts the entries in the list of a frame without decoding them: events of a StreamEventsResponse, acknowledgements
 * of an IngestEventsResponse. In both the list is field 1 of field 2; other frames have none.
 */
export function countEntries(frame: Uint8Array): number {
  const list = 0x12; // Field 2, of known length.
  if (frame[0] !== list) return 0;
  const entry = 0x0a; // Field 1, of known length.
  let count = 0;
  let at = afterVarint(frame, 1);
  while (at < frame.length) {
    if (frame[at] !== entry) throw new Error(`byte ${at} of a frame begins no entry of its list`);
    let length = 0;
    let shift = 0;
    let byte: number;
    do {
      at += 1;
      byte = frame[at] ?? 0;
      length |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    at += 1 + length;
    count += 1;
  }
  return count;
}

function afterVarint(bytes: Uint8Array, begin: number): number {
  let at = begin;
  while ((bytes[at] ?? 0) >= 0x80) at += 1;
  return at + 1;
}
