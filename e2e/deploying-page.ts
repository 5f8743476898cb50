import { readFileSync } from "node:fs";
import { join } from "node:path";

const page = readFileSync(join(import.meta.dirname, "..", "docs", "deploying.md"), "utf8");
const steps = page.split(/^(?=\d+\. )/m).slice(1);

/** The line to type of each step of docs/deploying.md; empty where a step has none. */
export const lines: readonly string[] = steps.map((step) => /^ {3,4}`(.+)`$/m.exec(step)?.[1] ?? "");

/** The words of every command of these lines. */
export const commands: readonly (readonly string[])[] = lines.flatMap(commandsOf);

/** The words behind a name in each command that holds it, such as gcloud. */
export function commandsNamed(name: string): readonly (readonly string[])[] {
  return commands.filter((words) => words.includes(name)).map((words) => words.slice(words.indexOf(name) + 1));
}

/** The words of every command of a line of shell, without quotes. */
export function commandsOf(line: string): readonly (readonly string[])[] {
  const found: string[][] = [[]];
  const token = /&&|\|\||[;(){}](?=\s|$|\))|\((?=\w)|(?:'[^']*'|"[^"]*"|[^\s'"&|;()])+/g;
  for (const [word] of line.matchAll(token)) {
    if (/^(&&|\|\||[;(){}])$/.test(word)) found.push([]);
    else found.at(-1)?.push(word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"));
  }
  return found.filter((words) => words.length > 0);
}
