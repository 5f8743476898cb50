/** One line of the input, numbered from 1. */
export type Line =
  | { readonly kind: "text"; readonly number: number; readonly text: string }
  | { readonly kind: "unreadable"; readonly number: number; readonly problem: string };

// An event is at most 128 KiB encoded; JSON may need six characters for one byte.
const lineBytesMax = 1024 * 1024;
const newline = 0x0a;

/**
 * Reads UTF-8 lines. Yields the lines that each chunk completes at once, so slow input is not delayed. A line of more than
 * 1 MiB is unreadable and is not buffered.
 */
export async function* readLines(input: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly Line[]> {
  let number = 0;
  let begun: Buffer[] = [];
  let bytes = 0;
  const add = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= lineBytesMax) begun.push(part);
  };
  const finish = (): Line => {
    number += 1;
    const line = bytes > lineBytesMax ? tooLong(number) : decode(Buffer.concat(begun), number);
    begun = [];
    bytes = 0;
    return line;
  };

  for await (const chunk of input) {
    const lines: Line[] = [];
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
      add(rest.subarray(0, end));
      lines.push(finish());
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) add(rest);
    if (lines.length > 0) yield lines;
  }
  if (bytes > 0) yield [finish()];
}

function tooLong(number: number): Line {
  return { kind: "unreadable", number, problem: `The line is longer than ${lineBytesMax} bytes.` };
}

function decode(bytes: Buffer, number: number): Line {
  try {
    return { kind: "text", number, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "unreadable", number, problem: "The line is not UTF-8." };
  }
}
