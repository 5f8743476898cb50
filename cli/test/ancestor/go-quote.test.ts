import { expect, test } from "@jest/globals";
import { goQuote } from "../../src/ancestor/go-quote.ts";

// Each expected text was written by Go's %q.
test.each([
  ["", '""'],
  ["a'b`c", '"a\'b`c"'],
  ['a"b\\c', String.raw`"a\"b\\c"`],
  ["\x07\b\f\n\r\t\v", String.raw`"\a\b\f\n\r\t\v"`],
  ["\0\x1b\x7f", String.raw`"\x00\x1b\x7f"`],
  ["üß日😀", '"üß日😀"'],
  ["\u0085\u00a0\u00ad\u200b\u2028\ufeff\ue000", String.raw`"\u0085\u00a0\u00ad\u200b\u2028\ufeff\ue000"`],
  ["\u{10ffff}", String.raw`"\U0010ffff"`],
])("quotes %j", (text, quoted) => {
  expect(goQuote(text)).toBe(quoted);
});
