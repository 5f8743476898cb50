import { expect, jest, test } from "@jest/globals";
import { deploymentId, newEvent } from "../contract/builders.ts";
import { storedEvent } from "../src/domain/event.ts";
import { Listeners } from "../src/listeners.ts";

test("a listener that throws is told no more, the process is warned, and the next one is told", () => {
  const listeners = new Listeners();
  const d = deploymentId("d");
  const told: string[] = [];
  listeners.add(d, () => {
    told.push("broken");
    throw new Error("out of luck");
  });
  listeners.add(d, ({ headSequence }) => void told.push(`whole ${headSequence}`));
  const warn = jest.spyOn(process, "emitWarning").mockReturnValue();

  for (const sequence of [1, 2]) listeners.tell(d, [storedEvent(newEvent(), sequence, 1)]);

  expect(told).toEqual(["broken", "whole 1", "whole 2"]);
  expect(warn.mock.calls).toEqual([[expect.stringContaining("out of luck")]]);
  warn.mockRestore();
});
