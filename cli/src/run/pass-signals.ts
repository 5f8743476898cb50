import { setTimeout as sleep } from "node:timers/promises";
import type { Interruption, PassedSignal } from "../program/interruption.ts";
import { GroupWitness } from "./group-witness.ts";
import { isInForeground } from "./is-in-foreground.ts";

/** Time within which a signal is the same one, in ms: npm sends the Ctrl-C of the terminal to its script again. */
const sameSignalMs = 500;

/**
 * Longest wait for a signal that ended the command and is on its way to this process, in ms. Only a command that such a signal ended
 * alone makes the run wait for all of it.
 */
const onItsWayMs = 500;

/** Passes signals on to a command. */
export interface SignalsToCommand {
  /** Call it when the command has started: earlier signals are passed on, too. */
  passTo(kill: (signal: PassedSignal) => void): void;
  /** Tells whether this process got the signal by which its command ended, too. Call it when the command has ended. */
  gotToo(signal: PassedSignal): Promise<boolean>;
  /** Call it when the end is recorded. The signal aborts at the next signal, which is for this process. */
  givenUp(): AbortSignal;
  end(): void;
}

/**
 * Passes the signals that this process alone gets on to a command. One that the whole group gets, such as that of Ctrl-C, has reached the
 * command already.
 */
export function passSignals(interruption: Interruption): SignalsToCommand {
  const witness = new GroupWitness();
  /** Time on the monotonic clock at which each signal came last. */
  const lastMs = new Map<PassedSignal, number>();
  let onCame = () => {};
  const came = (signal: PassedSignal) => {
    lastMs.set(signal, performance.now());
    onCame();
  };
  const givingUp = new AbortController();
  let hasEnded = false;
  let hasStarted = false;
  const command = Promise.withResolvers<(signal: PassedSignal) => void>();
  const pass = async (signal: PassedSignal) => {
    const isSame = performance.now() - (lastMs.get(signal) ?? Number.NEGATIVE_INFINITY) < sameSignalMs;
    // Also after the end of the command: a copy of what ended it is no wish to end the waiting.
    if (isSame) return;
    came(signal);
    if (hasEnded) {
      givingUp.abort();
      return;
    }
    // A command that starts later is not in the group yet.
    const hasGroup = hasStarted && ((await witness.saw(signal)) ?? isInForeground());
    const kill = await command.promise;
    if (!hasGroup) kill(signal);
  };
  const release = interruption.takeAll(pass);
  return {
    passTo: (kill) => {
      hasStarted = true;
      command.resolve(kill);
    },
    gotToo: async (signal) => {
      if (lastMs.has(signal)) return true;
      // The end of the command may be seen first: each handles a signal to all in its own time, and some send it to one after the other.
      const arrival = Promise.withResolvers<void>();
      onCame = () => {
        if (lastMs.has(signal)) arrival.resolve();
      };
      // What ended the witness is for this process as well, and counts as handled.
      witness.saw(signal, onItsWayMs).then((hasGroup) => {
        if (hasGroup && !lastMs.has(signal)) came(signal);
      });
      await Promise.race([arrival.promise, sleep(onItsWayMs)]);
      return lastMs.has(signal);
    },
    givenUp: () => {
      hasEnded = true;
      return givingUp.signal;
    },
    end: () => {
      release();
      witness.end();
    },
  };
}
