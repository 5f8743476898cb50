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

test("cuts a cell that would take the room of those behind it, an id inside", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 30 });
  const table = new Table<Row>(new Output(stream), [
    { title: "ID", width: 6, cell: ({ name }) => name, isCutInside: true },
    { title: "STATE", width: 8, cell: ({ text }) => text },
    { title: "NOTE", width: 0, cell: ({ text }) => text },
  ]);

  await table.row({ name: "team:service:production:build-7", text: "RUNNING" });
  await table.row({ name: "团队服务生产环境构建七号", text: "QUEUED" });
  await table.flush();

  expect(stream.setEncoding("utf8").read()).toBe(
    ["ID            STATE    NOTE", "team:s…ild-7  RUNNING  RUNNING", "团队服…七号   QUEUED   QUEUED", ""].join("\n"),
  );
});

test("writes rows one by one after a flush", async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  const table = new Table<Row>(new Output(stream), [{ title: "NAME", width: 6, cell: ({ name }) => name }]);

  await table.flush({ isLive: true });
  await table.row({ name: "a", text: "" });
  await table.row({ name: "b", text: "" });

  expect(stream.setEncoding("utf8").read()).toBe("NAME\na\nb\n");
});
