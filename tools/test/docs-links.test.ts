import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";

const root = join(import.meta.dirname, "..", "..");
const pages = globSync(["*.md", "{bench,client,proto,terraform}/*.md", "{docs,examples}/**/*.md"], { cwd: root });

/** Returns GitHub's anchor of a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");

/** Tells whether a link of a page leads to a file or folder of the repository and, if it names one, to a heading in it. */
function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(target)) return false;
  if (anchor === undefined) return true;
  const headings = [...readFileSync(target, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    anchorOf(heading),
  );
  return headings.includes(anchor);
}

test("every relative link of a page leads to a file, and to a heading in it", () => {
  // client/LICENSE exists only in the package.
  const links = pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\(((?!\w+:)[^)\s]+)\)/g)].map(([, link = ""]) => ({
      page,
      link,
    })),
  );
  const dead = links.filter(({ page, link }) => !leadsSomewhere(page, link));

  expect(links.length).toBeGreaterThan(100);
  expect(dead).toEqual([{ page: join("client", "README.md"), link: "LICENSE" }]);
});
