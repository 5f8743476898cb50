import { collect } from "@activity-events/testing/collect";
import { expect, test } from "@jest/globals";
import { listPages } from "../../src/calls/list-pages.ts";

const pages = new Map([
  ["", { items: [1, 2], nextPageToken: "a" }],
  ["a", { items: [], nextPageToken: "b" }],
  ["b", { items: [3], nextPageToken: "" }],
]);

/** Reads from the pages above and notes which were asked for. */
function reading() {
  const asked: string[] = [];
  const readPage = async (pageToken: string) => {
    asked.push(pageToken);
    return pages.get(pageToken) ?? { items: [], nextPageToken: "" };
  };
  return { asked, readPage };
}

test("reads on over an empty page until a page has no token", async () => {
  const { asked, readPage } = reading();

  const items = await collect(listPages(readPage));

  expect(items).toEqual([1, 2, 3]);
  expect(asked).toEqual(["", "a", "b"]);
});

test("asks for no page that nobody wants", async () => {
  const { asked, readPage } = reading();

  for await (const item of listPages(readPage)) if (item === 2) break;

  expect(asked).toEqual([""]);
});
