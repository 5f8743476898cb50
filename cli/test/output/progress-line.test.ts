import { expect, test } from "@jest/globals";
import { ProgressLine } from "../../src/output/progress-line.ts";

/** What a terminal of so many columns shows of what is written to it: its lines. */
function shownBy(columns: number) {
  const lines = [""];
  const write = (text: string) => {
    for (const [index, part] of text.split("\r\x1b[K").entries()) {
      // Whatever stands on the line is taken away.
      if (index > 0) lines[lines.length - 1] = "";
      const [first = "", ...more] = part.split("\n");
      lines.push(`${lines.pop()}${first}`, ...more);
    }
  };
  return { lines, terminal: { columns, write } };
}

test("stays below what else is written, no wider than the terminal", async () => {
  const { lines, terminal } = shownBy(11);
  const line = new ProgressLine(terminal);

  await line.above(() => terminal.write("before\n"));
  line.show("1,000 recorded");
  line.show("2,000 recorded");
  await line.above(() => terminal.write("a row\n"));

  expect(lines).toEqual(["before", "a row", "2,000 reco"]);
});

test("leaves nothing behind", async () => {
  const { lines, terminal } = shownBy(80);
  const line = new ProgressLine(terminal);

  line.show("1,000 recorded");
  line.remove();
  await line.above(() => terminal.write("the end\n"));

  expect(lines).toEqual(["the end", ""]);
});

test("shows nothing without a terminal", async () => {
  const written: string[] = [];
  const line = new ProgressLine(undefined);

  line.show("1,000 recorded");
  await line.above(() => written.push("a row"));
  line.remove();

  expect(written).toEqual(["a row"]);
});
