import {
  type ContentCodec,
  type EventStore,
  type ExportedHead,
  type ImportedEvent,
  type RedactionKey,
  wireBytesMax,
} from "@activity-events/event-store";
import { limits } from "../limits.ts";
import type { ExportRecord } from "./export-record.ts";
import { type ImportPart, importInto, planInto } from "./import-part.ts";
import type { Poker } from "./poker.ts";
import { Refusal } from "./refusal.ts";
import { refusalOf } from "./refusal-of.ts";
import { onAbort } from "./stream-end.ts";
import { Wakeup } from "./wakeup.ts";

/** A record as it arrived; one that cannot be stored says why, in words. */
export type ImportRecord =
  | Exclude<ExportRecord, { kind: "event" }>
  | { readonly kind: "event"; readonly event: ImportedEvent }
  | { readonly kind: "bad deployment"; readonly deploymentId: string; readonly what: string }
  | { readonly kind: "bad event"; readonly sequence: number; readonly what: string };

/** Counts of an import so far. */
export interface ImportCounts {
  readonly events: number;
  /** Events that were stored before. */
  readonly known: number;
  readonly deployments: number;
  readonly refused: number;
}

/** Answer of an import: a refusal as soon as it is known, and how far everything is done. */
export type ImportFrame =
  | {
      readonly kind: "refusal";
      readonly line: number;
      readonly deploymentId: string;
      readonly sequence: number;
      readonly what: string;
    }
  | { readonly kind: "progress"; readonly line: number; readonly isComplete: boolean; readonly counts: ImportCounts };

/** The call of an import. */
export interface ImportStreamCall {
  readonly isDry: boolean;
  /** Aborted when the caller has left. */
  readonly signal: AbortSignal;
  /** Aborted when the caller's credentials have ended, or permit something else. */
  readonly revoked: AbortSignal;
}

interface ImportStreamOptions {
  readonly store: EventStore;
  readonly poker: Poker;
  readonly codec: ContentCodec;
  /** Aborted when the service stops. */
  readonly draining: AbortSignal;
}

/** The deployment whose events come now. */
interface OpenDeployment {
  /** Undefined if its record cannot be imported. */
  readonly head: ExportedHead | undefined;
  readonly deploymentId: string;
  /** Line of its record. */
  readonly line: number;
  readonly importPart: ImportPart;
  /** Sequence of the last event taken; undefined before the first, which may be any: an import may continue an earlier one. */
  last: number | undefined;
  /** True if no more of its events are taken. */
  isPassedOver: boolean;
  /** True once its refusal is among the answers. */
  isRefused: boolean;
}

/** A record that does not fit. */
interface Misfit {
  readonly sequence: number;
  readonly line: number;
  readonly what: string;
}

/** Events of one deployment for one commit. */
interface Part {
  readonly deployment: OpenDeployment;
  readonly head: ExportedHead;
  readonly events: ImportedEvent[];
  readonly lines: number[];
  bytes: number;
}

/** A part that the store has, and the last line that is done with it. */
interface PendingPart {
  readonly bytes: number;
  lastLine: number;
  isDone: boolean;
}

/** One stream of records to import. */
export class ImportStream {
  readonly #call: ImportStreamCall;
  readonly #options: ImportStreamOptions;
  readonly #frameWakeup = new Wakeup();
  readonly #roomWakeup = new Wakeup();
  /** Ids of keys, in hexadecimal; undefined before the header. */
  #keys: Set<string> | undefined;
  #deployment: OpenDeployment | undefined;
  #part: Part | undefined;
  /** In the order of the records. */
  readonly #pending: PendingPart[] = [];
  #pendingBytes = 0;
  /** Last work on each deployment: its parts are imported one after the other. */
  readonly #works = new Map<string, Promise<void>>();
  readonly #refusals: Extract<ImportFrame, { kind: "refusal" }>[] = [];
  readonly #counts = { events: 0, known: 0, deployments: 0, refused: 0 };
  /** Lines up to here are done; and up to here the caller knows it. */
  #doneLine = 0;
  #toldLine = 0;
  #hasEnd = false;
  /** Set when no more records are taken; null if all have come. */
  #end: Refusal | null | undefined;
  #fault: unknown;

  constructor(call: ImportStreamCall, options: ImportStreamOptions) {
    this.#call = call;
    this.#options = options;
  }

  get counts(): ImportCounts {
    return { ...this.#counts };
  }

  /** Waits until another record may be taken; resolves with false if none will be. */
  async room(): Promise<boolean> {
    const isFull = () => this.#pending.length >= limits.importPartsMax || this.#pendingBytes >= limits.importBytesMax;
    while (isFull() && !this.#isClosed) await this.#roomWakeup.wait();
    return !this.#isClosed;
  }

  /** Takes the next record. Throws a Refusal for one that is out of its place. */
  async take(record: ImportRecord, line: number): Promise<void> {
    if (this.#hasEnd) throw outOfPlace(line, "nothing may follow the end of the export");
    if (record.kind === "header") await this.#takeHeader(record.keys, line);
    else if (this.#keys === undefined) throw outOfPlace(line, "an export begins with its header");
    else this.#take(record, line);
  }

  #take(record: Exclude<ImportRecord, { kind: "header" }>, line: number): void {
    switch (record.kind) {
      case "deployment":
        this.#takeDeployment(record.head.deploymentId, record.head, line);
        break;
      case "bad deployment": {
        const deployment = this.#takeDeployment(record.deploymentId, undefined, line);
        this.#passOver(deployment, { sequence: 0, line, what: record.what });
        break;
      }
      case "event":
        this.#takeEvent(record.event, line);
        break;
      case "bad event": {
        const deployment = this.#openFor(line);
        if (deployment.isPassedOver) this.#note(line);
        else this.#passOver(deployment, { sequence: record.sequence, line, what: record.what });
        break;
      }
      case "end":
        this.#finishDeployment(line);
        this.#hasEnd = true;
        this.#note(line);
        break;
    }
  }

  /** Ends the input, by a refusal if it is no export. */
  finish(refusal: Refusal | null): void {
    this.#flush();
    if (this.#end !== undefined) return;
    const cutShort = () => new Refusal("REQUEST_INVALID", "the export is cut short: its end is missing");
    this.#end = refusal ?? (this.#hasEnd ? null : cutShort());
    this.#frameWakeup.wake();
  }

  /** Yields the answers, each after the previous one was taken. Throws a Refusal once all that was taken is done. */
  async *frames(): AsyncGenerator<ImportFrame, void, void> {
    const { signal, revoked } = this.#call;
    const { draining } = this.#options;
    const wake = () => {
      this.#frameWakeup.wake();
      this.#roomWakeup.wake();
    };
    const stopWaking = onAbort([signal, draining, revoked], wake);
    try {
      while (!signal.aborted) {
        const refusal = this.#refusals.shift();
        if (refusal !== undefined) {
          yield refusal;
          continue;
        }
        const isOver = this.#pending.length === 0 && (this.#isClosed || this.#end !== undefined);
        const isComplete = isOver && this.#end === null && this.#fault === undefined;
        if (this.#doneLine > this.#toldLine || isComplete) {
          this.#toldLine = this.#doneLine;
          yield { kind: "progress", line: this.#doneLine, isComplete, counts: this.counts };
          if (isComplete) return;
          continue;
        }
        if (isOver) throw this.#whyOver();
        await this.#frameWakeup.wait();
      }
    } finally {
      this.#end ??= null;
      wake();
      stopWaking();
    }
  }

  get #isClosed(): boolean {
    const { signal, revoked } = this.#call;
    const isStopped = signal.aborted || revoked.aborted || this.#options.draining.aborted;
    return isStopped || this.#end !== undefined || this.#fault !== undefined;
  }

  #whyOver(): Refusal {
    if (this.#fault !== undefined) return refusalOf(this.#fault);
    if (this.#end) return this.#end;
    if (this.#call.revoked.aborted) {
      const metadata = { fault: "expired" };
      return new Refusal("CREDENTIALS_INVALID", "the credentials have ended, or permit something else", { metadata });
    }
    return new Refusal("DRAINING", "the service is stopping; continue the import later", { retryDelayMs: 1_000 });
  }

  async #takeHeader(keys: readonly RedactionKey[], line: number): Promise<void> {
    if (this.#keys !== undefined) throw outOfPlace(line, "an export has one header");
    const { store } = this.#options;
    if (!this.#call.isDry && keys.length > 0) await store.addRedactionKeys(keys);
    const known = [...keys, ...(await store.redactionKeys())];
    this.#keys = new Set(known.map(({ id }) => hexOf(id)));
    this.#note(line);
  }

  #takeDeployment(deploymentId: string, head: ExportedHead | undefined, line: number): OpenDeployment {
    this.#finishDeployment(line);
    const { store, codec } = this.#options;
    const importPart = this.#call.isDry ? planInto(store, codec) : importInto(store);
    const deployment: OpenDeployment = {
      head,
      deploymentId,
      line,
      importPart,
      last: undefined,
      isPassedOver: false,
      isRefused: false,
    };
    this.#deployment = deployment;
    // Imported once it is known that no event follows.
    if (head?.standing === "purged") this.#part = { deployment, head, events: [], lines: [], bytes: 0 };
    else this.#note(line);
    return deployment;
  }

  #takeEvent(event: ImportedEvent, line: number): void {
    const deployment = this.#openFor(line);
    const { head } = deployment;
    const { sequence } = event.stored;
    if (head === undefined || deployment.isPassedOver || deployment.isRefused) {
      this.#note(line);
      return;
    }
    const what = this.#misfitOf(event, head, deployment.last);
    if (what !== undefined) {
      if (head.standing === "purged") this.#part = undefined;
      this.#passOver(deployment, { sequence, line, what });
      return;
    }
    deployment.last = sequence;
    this.#part ??= { deployment, head, events: [], lines: [], bytes: 0 };
    const part = this.#part;
    part.events.push(event);
    part.lines.push(line);
    part.bytes += wireBytesMax(head.deploymentId, event.stored);
    const isFull = part.events.length === limits.importPartEvents || part.bytes >= limits.importPartBytes;
    if (isFull || sequence === head.headSequence) this.#flush();
  }

  /** Says why an event cannot come after the last one; undefined if it can, as far as this stream knows. */
  #misfitOf({ stored }: ImportedEvent, head: ExportedHead, last: number | undefined): string | undefined {
    const { sequence, redaction } = stored;
    if (head.standing === "purged") return "its deployment is purged";
    if (last !== undefined && sequence !== last + 1) return `event ${last + 1} must come here`;
    if (sequence > head.headSequence) return `its deployment has ${head.headSequence} events`;
    const isUnknown = redaction !== undefined && !this.#keys?.has(hexOf(redaction.keyId));
    return isUnknown ? "the key of its redaction is not in the header" : undefined;
  }

  #openFor(line: number): OpenDeployment {
    if (this.#deployment === undefined) throw outOfPlace(line, "an event comes after its deployment");
    return this.#deployment;
  }

  /** The next deployment comes at this line, or the end. */
  #finishDeployment(line: number): void {
    const deployment = this.#deployment;
    this.#deployment = undefined;
    if (deployment?.head === undefined) return;
    if (deployment.head.standing === "purged") {
      this.#flush();
      return;
    }
    const { head, last = 0 } = deployment;
    if (deployment.isPassedOver || deployment.isRefused || last === head.headSequence) return;
    const what = `event ${last + 1} of ${head.headSequence} must come here`;
    this.#passOver(deployment, { sequence: last + 1, line, what });
  }

  /** Refuses the rest of a deployment, once what came before is done. */
  #passOver(deployment: OpenDeployment, misfit: Misfit): void {
    this.#flush();
    deployment.isPassedOver = true;
    this.#enqueue(misfit.line, 0, deployment, async () => this.#refuse(deployment, misfit));
  }

  #refuse(deployment: OpenDeployment, misfit: Misfit): void {
    if (deployment.isRefused) return;
    deployment.isRefused = true;
    this.#counts.refused += 1;
    this.#refusals.push({ kind: "refusal", deploymentId: deployment.deploymentId, ...misfit });
  }

  #flush(): void {
    if (this.#part === undefined) return;
    this.#submit(this.#part);
    this.#part = undefined;
  }

  #submit(part: Part): void {
    const { deployment, lines, bytes } = part;
    this.#enqueue(lines.at(-1) ?? deployment.line, bytes, deployment, () => this.#import(part));
  }

  /** Does the work after the one before on its deployment. Its line is done when this is, and all that came before. */
  #enqueue(lastLine: number, bytes: number, { deploymentId }: OpenDeployment, work: () => Promise<void>): void {
    const pending: PendingPart = { bytes, lastLine, isDone: false };
    this.#pending.push(pending);
    this.#pendingBytes += bytes;
    const done = (this.#works.get(deploymentId) ?? Promise.resolve())
      .then(() => (this.#fault === undefined ? work() : undefined))
      .catch((error: unknown) => {
        this.#fault ??= error;
      })
      .then(() => {
        pending.isDone = true;
        if (this.#works.get(deploymentId) === done) this.#works.delete(deploymentId);
        this.#settle();
      });
    this.#works.set(deploymentId, done);
  }

  async #import({ deployment, head, events, lines }: Part): Promise<void> {
    if (deployment.isRefused) return;
    const { importPart } = deployment;
    const outcome = await importPart(head, events);
    if (outcome.kind === "imported") {
      this.#count(head, outcome.events, events.length);
      if ((events.at(-1)?.stored.sequence ?? head.headSequence) === head.headSequence) this.#counts.deployments += 1;
      return;
    }
    const { sequence, what } = outcome;
    const at = events.findIndex(({ stored }) => stored.sequence === sequence);
    if (at > 0) {
      const before = await importPart(head, events.slice(0, at));
      if (before.kind === "imported") this.#count(head, before.events, at);
    }
    this.#refuse(deployment, {
      sequence: events.length === 0 ? 0 : sequence,
      line: lines[at] ?? deployment.line,
      what,
    });
  }

  #count({ deploymentId }: ExportedHead, stored: number, all: number): void {
    this.#counts.events += stored;
    this.#counts.known += all - stored;
    if (stored > 0 && !this.#call.isDry) this.#options.poker.poke(deploymentId);
  }

  /** A record that needs no work is done with the one before. */
  #note(line: number): void {
    const last = this.#pending.at(-1);
    if (last !== undefined) last.lastLine = line;
    else this.#doneLine = line;
    this.#frameWakeup.wake();
  }

  #settle(): void {
    // A line is done only if its part was stored, or refused.
    while (this.#pending[0]?.isDone) {
      const { bytes, lastLine } = this.#pending[0];
      this.#pending.shift();
      this.#pendingBytes -= bytes;
      if (this.#fault === undefined) this.#doneLine = lastLine;
    }
    this.#frameWakeup.wake();
    this.#roomWakeup.wake();
  }
}

function hexOf(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}

/** Makes the refusal of a record that ends the import, because what follows cannot be understood. */
export function outOfPlace(line: number, what: string): Refusal {
  const field = `records[${line}]`;
  return new Refusal("REQUEST_INVALID", `line ${line}: ${what}`, { violations: [{ field, description: what }] });
}
