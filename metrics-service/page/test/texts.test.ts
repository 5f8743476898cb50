import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { foldedText } from "../src/text/fold-text.ts";
import { linkTarget } from "../src/text/link-target.ts";
import { visibleParts, visibleText } from "../src/text/visible-text.ts";

test.each([
  ["a right-to-left override", "user\u202etxt.exe", "user[RLO]txt.exe"],
  ["isolates", "\u2066a\u2069", "[LRI]a[PDI]"],
  ["the escape of terminals", "\u001b[31mred", "[ESC][31mred"],
  ["a C1 control", "a\u0085b", "a[U+0085]b"],
  ["a null byte", "a\u0000b", "a[U+0000]b"],
  ["a lone carriage return", "a\rb", "a[CR]b"],
  ["what has no width", "pay\u200bments\ufeff", "pay[ZWSP]ments[BOM]"],
  ["a tag of plane 14", "a\u{e0041}", "a[U+E0041]"],
  ["a space alone", " ", "[SP]"],
  ["several that show nothing", "\u00a0\t\u3164", "[NBSP][TAB][U+3164]"],
  ["a lone surrogate", "a\ud800b", "a[U+D800]b"],
])("makes %s visible", (_, text, visible) => {
  expect(visibleText(text)).toBe(visible);
});

test("leaves lines, tabs, scripts of all directions and emoji as they are", () => {
  const text = "first\n\tsecond\r\nשלום مرحبا 👩‍🚀 <script>alert(1)</script>";

  expect(visibleText(text)).toBe(text);
});

test("leaves spaces beside other text as they are", () => {
  expect(visibleText(" api ")).toBe(" api ");
  expect(visibleText("")).toBe("");
});

test("loses no text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const shown = visibleParts(text).map((part) => (part.kind === "text" ? part.text : "¤"));
      expect(shown.join("").length).toBeLessThanOrEqual(text.length);
      for (const part of visibleParts(text)) if (part.kind === "text") expect(text).toContain(part.text);
    }),
  );
});

test("folds what is long, in characters or lines", () => {
  expect(foldedText("short")).toBeUndefined();
  expect(foldedText("x".repeat(65_536))).toBe("x".repeat(600));
  expect(foldedText("line\n".repeat(100))).toBe("line\n".repeat(12).trimEnd());
});

test("does not fold between the halves of a character", () => {
  expect(foldedText(`${"x".repeat(599)}😀 and more`)).toBe("x".repeat(599));
});

test.each([
  ["https://ci.example/run/1", "https://ci.example/run/1"],
  ["HTTP://ci.example", "http://ci.example/"],
  ["javascript:alert(1)", undefined],
  ["data:text/html,<script>", undefined],
  ["//ci.example", undefined],
  ["/run/1", undefined],
  ["https://github.com@evil.example/", undefined],
  ["https://", undefined],
  [" https://ci.example", undefined],
  [undefined, undefined],
])("lets a link with the address %s lead to %s", (address, target) => {
  expect(linkTarget(address)?.href).toBe(target);
});
