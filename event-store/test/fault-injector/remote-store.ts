import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import {
  type EventIdConflict,
  EventIdConflictError,
  type EventStore,
  SequenceMismatchError,
  StoreFaultError,
  type StoreFaultReason,
  StoreOpenError,
} from "../../src/index.ts";
import type { DamagedPlace } from "../../src/store-error.ts";

/** What a store can be asked from another process. */
export type RemoteStore = Pick<
  EventStore,
  "append" | "readEvent" | "readEvents" | "readDeployment" | "readDeployments" | "readArrivals" | "close"
>;

export type StoreRequest =
  | { readonly kind: "open"; readonly file: string }
  | { readonly kind: keyof RemoteStore; readonly args: readonly unknown[] };

/** An error, whose class does not cross. */
export interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly reason: StoreFaultReason;
  readonly place: DamagedPlace | undefined;
  readonly conflicts: readonly EventIdConflict[];
  readonly expectedSequence: number;
  readonly actualSequence: number;
}

export type StoreAnswer = { readonly found: unknown } | { readonly refusal: Refusal };

/** A process that opens stores, one after the other, and can be killed with them. It is asked one thing at a time. */
export class StoreProcess {
  readonly #child: ChildProcess;
  #waiting: (answer: StoreAnswer | undefined) => void = () => {};
  #ended: string | undefined;

  /** `script` is store-process.ts, or a copy of it beside changed sources. */
  constructor(script: string, environment: NodeJS.ProcessEnv = {}) {
    this.#child = fork(script, {
      execArgv: [],
      serialization: "advanced",
      env: { ...process.env, ...environment },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child.on("message", (answer: StoreAnswer) => this.#waiting(answer));
    this.#child.on("exit", (code, signal) => {
      this.#ended = `the store's process ended with ${code ?? signal}`;
      this.#waiting(undefined);
    });
  }

  /** The process has ended. */
  get isGone(): boolean {
    return this.#ended !== undefined;
  }

  /** Throws StoreOpenError as the store's opening does. */
  async open(file: string): Promise<RemoteStore> {
    await this.#ask({ kind: "open", file });
    const call = <Kind extends keyof RemoteStore>(kind: Kind) =>
      ((...args: readonly unknown[]) => this.#ask({ kind, args })) as unknown as RemoteStore[Kind];
    return {
      append: (append, { deadlineMs }) => call("append")(append, { deadlineMs }),
      readEvent: call("readEvent"),
      readEvents: call("readEvents"),
      readDeployment: call("readDeployment"),
      readDeployments: call("readDeployments"),
      readArrivals: call("readArrivals"),
      close: call("close"),
    };
  }

  /** kill -9; resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #ask(request: StoreRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) return reject(new Error(this.#ended));
      this.#waiting = (answer) => {
        if (answer === undefined) reject(new Error(this.#ended));
        else if ("found" in answer) resolve(answer.found);
        else reject(errorOf(request, answer.refusal));
      };
      this.#child.send(request);
    });
  }
}

function errorOf(request: StoreRequest, { name, message, reason, place, ...rest }: Refusal): Error {
  if (name === "StoreOpenError") return new StoreOpenError(message);
  if (name === "StoreFaultError") return new StoreFaultError(reason, message, place === undefined ? {} : { place });
  const of = "args" in request ? (request.args[0] as Parameters<EventStore["append"]>[0]) : undefined;
  if (name === "EventIdConflictError" && of !== undefined) {
    return new EventIdConflictError(of.deploymentId, rest.conflicts);
  }
  if (name === "SequenceMismatchError" && of !== undefined) {
    return new SequenceMismatchError(of.deploymentId, rest.expectedSequence, rest.actualSequence);
  }
  return new Error(`${name}: ${message}`);
}
