import { EventEmitter } from "node:events";
import { expect, test } from "@jest/globals";
import { WindingDown } from "../../src/add/winding-down.ts";
import { Interruption } from "../../src/program/interruption.ts";

/** A program that is asked to end, with what was done for it. */
function programUnderWay() {
  const exits: number[] = [];
  const program = Object.assign(new EventEmitter(), { exit: (code: number) => exits.push(code) });
  let signals = 0;
  const windingDown = new WindingDown({
    interruption: new Interruption(program as unknown as NodeJS.Process),
    onSignal: () => {
      signals += 1;
    },
    onDelay: () => {},
  });
  return { program, exits, windingDown, signals: () => signals };
}

test("takes a signal that npm hands on for the same one", () => {
  const { program, windingDown, signals } = programUnderWay();

  program.emit("SIGINT");
  program.emit("SIGINT");
  windingDown.end();

  expect([signals(), windingDown.exitCode, windingDown.givenUp.aborted]).toEqual([1, 130, false]);
});

test("lets a signal end the program at once when all has come to its end", () => {
  const { program, exits, windingDown } = programUnderWay();

  program.emit("SIGTERM");
  windingDown.end();
  const before = [...exits];
  program.emit("SIGINT");

  expect([windingDown.exitCode, before, exits, program.listenerCount("SIGTERM")]).toEqual([143, [], [130], 0]);
});
