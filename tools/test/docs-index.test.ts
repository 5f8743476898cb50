import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "@jest/globals";

const docs = join(import.meta.dirname, "..", "..", "docs");
const read = (page: string) => readFileSync(join(docs, page), "utf8");
const index = read("README.md");
const pages = globSync("**/*.md", { cwd: docs }).map((page) => page.replaceAll("\\", "/"));
const decisions = pages.filter((page) => page.startsWith("decisions/"));

test("docs/README.md names every page of docs once, and no other", () => {
  const linked = [...index.matchAll(/\]\((?!\.\.\/)([^)]+)\)/g)].map(([, page]) => page);

  expect(decisions.length).toBeGreaterThan(20);
  expect(linked.sort()).toEqual(pages.filter((page) => page !== "README.md").sort());
});

test("a decision says when it was taken and whether it holds, and the index says the same", () => {
  for (const page of decisions) {
    const [, number, title, date, status = ""] =
      /^# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\nStatus: (.+)\n\n/.exec(read(page)) ?? [];

    expect(status).toMatch(/^(accepted|accepted; in part superseded by \d+( and \d+)*|superseded by \d+)$/);
    expect(basename(page)).toMatch(new RegExp(`^${String(number).padStart(4, "0")}-`));
    expect(index).toContain(`| ${number} | [${title}](${page}) | ${date} | ${status} |`);
  }
});

test("no number of a decision is missing from the index", () => {
  const numbers = [...index.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number));

  expect(numbers).toEqual(numbers.map((_, at) => at + 1));
});
