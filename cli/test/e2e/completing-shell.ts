import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { onTerminal } from "@activity-events/testing/terminal";
import { until } from "@activity-events/testing/until";

/** A shell that completes by a script. */
export interface CompletingShell {
  /** Working folder. The shell finds programs in it by their names. */
  readonly folder: string;
  /** The completion script. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
}

// Printed when the shell has read its settings and waits for keys.
const ready = "READY>";
const settings: Readonly<Record<"bash" | "zsh", string>> = {
  bash: `unset HISTFILE; PS1="${ready}"; bind 'set enable-bracketed-paste off'`,
  // The script is a function that the first tab loads.
  zsh: `PROMPT="${ready}"; unset zle_bracketed_paste; unsetopt prompt_sp; fpath=("$PWD" $fpath); autoload -Uz compinit; compinit -u -D`,
};

/** Writes the settings and the script of a bash or zsh into its folder. */
export function writeSettings({ folder, script }: CompletingShell): void {
  writeFileSync(join(folder, "_activity_client"), script);
  writeFileSync(join(folder, ".bashrc"), `${settings.bash}; . ./_activity_client\n`);
  writeFileSync(join(folder, ".zshrc"), `${settings.zsh}\n`);
}

/** Types a line with tabs into a bash or zsh on a terminal of its own, and returns the words that it would run: `<a><b>`. Needs `writeSettings`. */
export async function typedWords(shell: "bash" | "zsh", line: string, options: CompletingShell): Promise<string> {
  const { folder, environment } = options;
  const [command = "", ...args] = onTerminal(shell === "bash" ? "bash --rcfile .bashrc -i" : "zsh -d -i");
  const child = spawn(command, args, { env: environmentOf(folder, environment), cwd: folder });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  child.stdin.on("error", () => {});
  try {
    // Earlier keys can get lost while the shell takes over the terminal.
    await until(() => shown.includes(ready), `${shell} shows its prompt`);
    const before = shown.length;
    // Ctrl-A and Ctrl-E go to the ends of the line, so that the completed words are printed instead of run.
    child.stdin.write(`${line}\u0001printf '<%s>' \u0005; echo END\r`);
    await until(() => /<[^\n]*>END/.test(shown.slice(before)), `${shell} runs ${JSON.stringify(line)}`);
    const words = /((?:<[^<>\n]*>)+)END/.exec(shown.slice(before))?.[1] ?? "";
    // Otherwise the shell outlives its terminal for a moment, and still uses the folder.
    const ended = once(child, "close");
    child.stdin.write("exit\r");
    await ended;
    return words;
  } finally {
    child.kill("SIGKILL");
  }
}

/** Returns the candidates of fish for a line, without their descriptions. */
export function candidatesInFish(line: string, { folder, script, environment }: CompletingShell): readonly string[] {
  const env = environmentOf(folder, environment);
  const ask = `${script}\ncomplete --do-complete '${line}'`;
  const { stdout, stderr } = spawnSync("fish", ["--no-config", "-c", ask], { env, encoding: "utf8", cwd: folder });
  // The shell would show it in the middle of what its user types.
  if (stderr !== "") throw new Error(`fish complains: ${stderr}`);
  return stdout
    .split("\n")
    .filter((each) => each !== "")
    .map((each) => each.split("\t")[0] ?? "");
}

function environmentOf(folder: string, others: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { PATH: `${folder}:${process.env.PATH}`, HOME: folder, TERM: "xterm", ...others };
}

/** Returns one line with the reason why this machine cannot try completion; undefined if it can. */
export function whyNoCompletion(): string | undefined {
  const missing = ["zsh", "fish"].filter((shell) => spawnSync(shell, ["--version"]).status !== 0);
  return missing.length === 0 ? undefined : `apt-get install ${missing.join(" ")}`;
}
