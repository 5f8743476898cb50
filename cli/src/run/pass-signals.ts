import type { Interruption, PassedSignal } from "../program/interruption.ts";
import { GroupWitness } from "./group-witness.ts";
import { isInForeground } from "./is-in-foreground.ts";

/** Time within which a signal is the same one, in ms: npm sends the Ctrl-C of the terminal to its script again. */
const sameSignalMs = 500;

/** Passes signals on to a command. */
export interface SignalsToCommand {
  /** Signals that this process got. */
  readonly got: ReadonlySet<PassedSignal>;
  /** Call it when the command has started: earlier signals are passed on, too. */
  passTo(kill: (signal: PassedSignal) => void): void;
  /** Call it when the command has ended. The signal aborts at the next signal, which is for this process. */
  givenUp(): AbortSignal;
  end(): void;
}

/**
 * Passes the signals that this process alone gets on to a command. One that the whole group gets, such as that of Ctrl-C, has reached the
 * command already.
 */
export function passSignals(interruption: Interruption): SignalsToCommand {
  const witness = new GroupWitness();
  const got = new Set<PassedSignal>();
  const lastMs = new Map<PassedSignal, number>();
  const givingUp = new AbortController();
  let hasEnded = false;
  let hasStarted = false;
  const command = Promise.withResolvers<(signal: PassedSignal) => void>();
  const pass = async (signal: PassedSignal) => {
    if (hasEnded) {
      givingUp.abort();
      return;
    }
    got.add(signal);
    const nowMs = performance.now();
    if (nowMs - (lastMs.get(signal) ?? Number.NEGATIVE_INFINITY) < sameSignalMs) return;
    lastMs.set(signal, nowMs);
    // A command that starts later is not in the group yet.
    const hasGroup = hasStarted && ((await witness.saw(signal)) ?? isInForeground());
    const kill = await command.promise;
    if (!hasGroup) kill(signal);
  };
  const release = interruption.takeAll(pass);
  return {
    got,
    passTo: (kill) => {
      hasStarted = true;
      command.resolve(kill);
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
