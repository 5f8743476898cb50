import { needsOf, testNeeds } from "./test-needs.ts";

/** Tests that a run left out. */
export interface LeftOut {
  /** Test files that were not loaded, because they need something beyond Node. */
  readonly leftOut: readonly string[];
  /** Reason why this machine lacks a need, by the need's word. */
  readonly missing: Readonly<Record<string, string>>;
  /** Test files that ran, with the number of their skipped tests. */
  readonly skipped: readonly { readonly path: string; readonly tests: number }[];
}

/** Formats the left-out tests as a table: need, number of tests, and the line that installs it; empty if all ran. */
export function leftOutTable({ leftOut, missing, skipped }: LeftOut): string {
  const lines = [...untouched(leftOut), ...missed(missing, skipped), ...bySelf(missing, skipped)];
  return lines.length === 0 ? "" : `\nNot run here:\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

function untouched(leftOut: readonly string[]): string[] {
  return Object.entries(testNeeds).flatMap(([need, { what }]) => {
    const files = leftOut.filter((path) => needsOf(path)[0] === need);
    return files.length === 0 ? [] : [row(count(files.length, "file"), what, `npm run test:all -- .${need}.`)];
  });
}

function missed(missing: LeftOut["missing"], skipped: LeftOut["skipped"]): string[] {
  return Object.entries(missing).flatMap(([need, why]) => {
    const files = skipped.filter(({ path }) => needsOf(path).find((each) => each in missing) === need);
    const tests = files.reduce((sum, file) => sum + file.tests, 0);
    const amount = `${count(files.length, "file")}, ${count(tests, "test")}`;
    return files.length === 0 ? [] : [row(amount, testNeeds[need]?.what ?? need, why)];
  });
}

function bySelf(missing: LeftOut["missing"], skipped: LeftOut["skipped"]): string[] {
  const own = skipped.filter(({ path, tests }) => tests > 0 && !needsOf(path).some((need) => need in missing));
  const tests = own.reduce((sum, file) => sum + file.tests, 0);
  return tests === 0 ? [] : [row(count(tests, "test"), "another machine than this one", "their own files say which")];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function row(amount: string, what: string, line: string): string {
  return `${amount.padEnd(18)}  ${what.padEnd(47)}  ${line}`;
}
