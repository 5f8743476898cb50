import { EventEmitter } from "node:events";
import { expect, test } from "@jest/globals";
import { Interruption } from "../../src/program/interruption.ts";
import { passSignals, type SignalsToCommand } from "../../src/run/pass-signals.ts";

/** Signals of a program without a command. `program` emits what it gets. */
function startPassing(): SignalsToCommand & Disposable & { readonly program: EventEmitter } {
  const program = new EventEmitter();
  const signals = passSignals(new Interruption(program as NodeJS.Process));
  signals.passTo(() => {});
  return { ...signals, program, [Symbol.dispose]: () => signals.end() };
}

test("counts a signal that comes after the end of the command that it ended", async () => {
  using signals = startPassing();

  const isCanceled = signals.gotToo("SIGTERM");
  signals.program.emit("SIGTERM", "SIGTERM");

  expect(await isCanceled).toBe(true);
});

test("does not count another signal, or one that did not come", async () => {
  using signals = startPassing();

  const isCanceled = signals.gotToo("SIGTERM");
  signals.program.emit("SIGHUP", "SIGHUP");

  expect(await isCanceled).toBe(false);
});

test("takes the signal that ended the command, sent again, for no wish to end the waiting", async () => {
  using signals = startPassing();
  signals.program.emit("SIGINT", "SIGINT");
  const wasGot = await signals.gotToo("SIGINT");

  const givenUp = signals.givenUp();
  signals.program.emit("SIGINT", "SIGINT");
  const isGivenUpByCopy = givenUp.aborted;
  signals.program.emit("SIGTERM", "SIGTERM");

  expect([wasGot, isGivenUpByCopy, givenUp.aborted]).toEqual([true, false, true]);
});
