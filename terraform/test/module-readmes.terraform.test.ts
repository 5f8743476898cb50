import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, jest, test } from "@jest/globals";
import { makeWorkingCopy, type WorkingCopy } from "./working-copy.ts";

jest.setTimeout(300_000);

let copy: WorkingCopy | undefined;
afterEach(() => copy?.remove());

test.each(readdirSync(join(import.meta.dirname, "..", "modules")))(
  "the example of %s can be planned",
  async (module) => {
    copy = makeWorkingCopy();
    const readme = readFileSync(join(copy.folder, "modules", module, "README.md"), "utf8");
    const [example = "", ...others] = [...readme.matchAll(/^```hcl\n(.*?)^```$/gms)].map(([, block]) => block);
    mkdirSync(join(copy.folder, "examples", module), { recursive: true });
    copy.write(`examples/${module}/main.tf`, example);
    await copy.must(`examples/${module}`, "init");

    const output = await copy.must(`examples/${module}`, "plan");

    expect(example).toContain(`source = "../../modules/${module}"`);
    expect(others).toEqual([]);
    expect(output).toMatch(/Plan: [1-9]\d* to add, 0 to change, 0 to destroy[.]/);
  },
);
