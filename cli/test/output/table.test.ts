import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { Output } from "../../src/output/output.ts";
import { Table } from "../../src/output/table.ts";

interface Row {
  readonly name: string;
  readonly text: string;
}

/** Writes rows to a terminal, or to what is none, and returns what comes out. */
async function written(isTTY: boolean, rows: readonly Row[], columns = 80): Promise<string> {
  const stream = Object.assign(new PassThrough(), { isTTY, columns });
  const table = new Table<Row>(new Output(stream), [
    { title: "NAME", width: 6, cell: ({ name }) => name, paint: (cell) => `<${cell}>` },
    { title: "TEXT", width: 0, cell: ({ text }) => text },
  ]);
  for (const row of rows) await table.row(row);
  await table.flush();
  return stream.end().setEncoding("utf8").read() ?? "";
}

const rows: readonly Row[] = [
  { name: "a", text: "one\ntwo" },
  { name: "longer-than-that", text: "" },
];

test("aligns and paints the rows under a head line on a terminal", async () => {
  const text = await written(true, rows);

  expect(text).toBe("NAME              TEXT\n<a               >  one\\ntwo\n<longer-than-that>\n");
});

test("puts a tab between the cells, and no head line, where there is no terminal", async () => {
  const text = await written(false, rows);

  expect(text).toBe("a\tone\\ntwo\nlonger-than-that\t\n");
});

test("writes nothing at all when there are no rows", async () => {
  expect(await written(true, [])).toBe("");
});

test("cuts a row at the width of the terminal, by what its characters take", async () => {
  const text = await written(true, [{ name: "a", text: "配置已完成配置已完成" }], 20);

  expect(text).toBe("NAME  TEXT\n<a   >  配置已完成配…\n");
});

test("writes rows one by one after a flush", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const table = new Table<Row>(new Output(stream), [{ title: "NAME", width: 6, cell: ({ name }) => name }]);

  await table.flush({ isLive: true });
  await table.row({ name: "a", text: "" });
  await table.row({ name: "b", text: "" });

  expect(stream.setEncoding("utf8").read()).toBe("NAME\na\nb\n");
});
