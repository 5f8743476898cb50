import type { ContentCodec } from "../../content-codec.ts";
import type { Deployment } from "../../domain/deployment.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import type { ImportEvents, Imported } from "../../domain/plan-import.ts";
import type { RedactEvent, Redacted } from "../../domain/plan-redaction.ts";
import type { RedactionKey } from "../../domain/redaction.ts";
import type { BeginPurge, EditOptions, Purged, PurgeOptions } from "../../event-store.ts";
import type { Listeners } from "../../listeners.ts";
import { faultError } from "../faults.ts";
import type { WorkerThread } from "../threads/worker-thread.ts";
import type { AppendReply, AppendRequest } from "./append-worker.ts";
import type { Edit, Edited, ReadStamp } from "./edits.ts";

/** Changes what is stored through the appending thread, and tells the listeners. */
export class Editor {
  readonly #thread: WorkerThread<AppendRequest, AppendReply>;
  readonly #listeners: Listeners;
  readonly #codec: ContentCodec;
  readonly #onFault: () => Promise<void>;

  constructor(
    thread: WorkerThread<AppendRequest, AppendReply>,
    options: {
      readonly listeners: Listeners;
      readonly codec: ContentCodec;
      /** Receives each disk fault. */
      readonly onFault: () => Promise<void>;
    },
  ) {
    this.#thread = thread;
    this.#listeners = options.listeners;
    this.#codec = options.codec;
    this.#onFault = options.onFault;
  }

  async redactEvent(redaction: RedactEvent, options: EditOptions): Promise<Redacted> {
    const edited = await this.#edit({ kind: "redact", redaction }, options);
    if (edited.kind === "changed") return edited;
    if (edited.kind !== "redacted") throw unexpected(edited);
    const { event, notice } = edited;
    return { kind: "redacted", event, notice };
  }

  async hideDeployment(
    deploymentId: DeploymentId,
    isHidden: boolean,
    options: EditOptions,
  ): Promise<Deployment | undefined> {
    return headOf(await this.#edit({ kind: "hide", deploymentId, isHidden }, options));
  }

  async beginPurge(purge: BeginPurge, options: EditOptions): Promise<Deployment | undefined> {
    return headOf(await this.#edit({ kind: "beginPurge", purge }, options));
  }

  async purgeSome(deploymentId: DeploymentId, options: PurgeOptions): Promise<Purged> {
    const { emptyLater = false } = options;
    const edited = await this.#edit({ kind: "purgeSome", deploymentId, emptyLater }, options);
    if (edited.kind !== "purged") throw unexpected(edited);
    const { events, more } = edited;
    return { events, more };
  }

  async importEvents(part: ImportEvents, options: EditOptions): Promise<Imported> {
    const importWith = (stamps: readonly ReadStamp[]) => this.#edit({ kind: "import", part, stamps }, options);
    let edited = await importWith([]);
    if (edited.kind === "stamps") edited = await importWith(edited.stamps.map((stamp) => this.#read(stamp)));
    if (edited.kind === "foreign") return edited;
    if (edited.kind !== "imported") throw unexpected(edited);
    return { kind: "imported", events: edited.stored.length };
  }

  async redactionKeys(): Promise<readonly RedactionKey[]> {
    const edited = await this.#edit({ kind: "keys" }, anyTime);
    if (edited.kind !== "keys") throw unexpected(edited);
    return edited.keys;
  }

  async addRedactionKeys(keys: readonly RedactionKey[]): Promise<void> {
    await this.#edit({ kind: "addKeys", keys }, anyTime);
  }

  async finishEmptying(options: EditOptions): Promise<void> {
    await this.#edit({ kind: "finish" }, options);
  }

  async #edit(edit: Edit, { deadlineMs }: EditOptions): Promise<Edited> {
    const reply = await this.#thread.ask({ kind: "edit", edit, deadlineMs });
    if (reply.kind === "fault") {
      const { reason } = reply.fault;
      if (reason !== "DEADLINE_PASSED" && reason !== "STORE_DAMAGED") await this.#onFault();
      throw faultError(reply.fault);
    }
    if (reply.kind !== "edited") throw new Error(`the store's thread answered an edit with ${reply.kind}`);
    this.#tell(reply.edited);
    if (reply.unemptied !== undefined) throw faultError(reply.unemptied);
    return reply.edited;
  }

  #tell(edited: Edited): void {
    if (edited.kind === "redacted") this.#listeners.tellEdited(edited.head, [edited.notice]);
    else if (edited.kind === "head" && edited.isNew && edited.head !== undefined) {
      this.#listeners.tellEdited(edited.head);
    } else if (edited.kind === "imported" && edited.head !== undefined) {
      this.#listeners.tellEdited(edited.head, edited.stored);
    }
  }

  #read(stamp: Uint8Array): ReadStamp {
    try {
      const { sendTime, principal } = this.#codec.readStamp(stamp);
      return { stamp, sendTime, principal };
    } catch {
      // No export has what cannot be read.
      return { stamp, sendTime: undefined, principal: "" };
    }
  }
}

const anyTime: EditOptions = { deadlineMs: Number.POSITIVE_INFINITY };

function headOf(edited: Edited): Deployment | undefined {
  if (edited.kind !== "head") throw unexpected(edited);
  return edited.head;
}

function unexpected({ kind }: Edited): Error {
  return new Error(`the store's thread answered an edit with ${kind}`);
}
