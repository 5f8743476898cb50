import { Writable } from "node:stream";
import { runAncestor } from "../../src/ancestor/run-ancestor.ts";

/** Runs a call with the ancestor's flags in this process; its lines go to a terminal, or to a pipe. */
export async function runInProcess(args: readonly string[], { isTerminal = false } = {}) {
  const [output, errors] = [new Collected(), new Collected()];
  errors.isTTY = isTerminal;
  const exitCode = await runAncestor({ args, output, errors });
  return { exitCode, output: output.text, errors: errors.text };
}

class Collected extends Writable {
  isTTY = false;
  text = "";

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}
