import type { ContentCodec } from "../content-codec.ts";
import type { EventStore } from "../event-store.ts";
import { Listeners } from "../listeners.ts";
import type { OnMigration } from "../migration-progress.ts";
import type { OnScrub } from "../scrub-report.ts";
import type { DamagedPlace } from "../store-error.ts";
import { AppendQueue } from "./appending/append-queue.ts";
import type { AppendReply, AppendRequest } from "./appending/append-worker.ts";
import { Editor } from "./appending/editor.ts";
import { exposedPaths } from "./files/file-modes.ts";
import { takeFile } from "./files/open-file.ts";
import { pageTokenKey } from "./files/page-token-key.ts";
import { schemaVersion } from "./migrations/schema.ts";
import type { ReadReply, ReadRequest } from "./reading/read-worker.ts";
import { Reader } from "./reading/reader.ts";
import { KnownDamage } from "./scrub/known-damage.ts";
import { Scrubber, type ScrubPace } from "./scrub/scrub.ts";
import { WorkerThread } from "./threads/worker-thread.ts";

/**
 * Opens the store in one SQLite file; creates it if missing. One thread appends and one reads, so that the caller's
 * thread never waits for the disk; they start at the first use or probe. Throws StoreOpenError if the file cannot
 * serve.
 */
export async function openSqliteStore(options: {
  readonly file: string;
  readonly codec: ContentCodec;
  /** Starts although events are missing from the files; they are then lost for good. */
  readonly acceptLoss?: boolean | undefined;
  readonly onMigration?: OnMigration;
  /** Receives the findings of self-checks. */
  readonly onScrub?: OnScrub;
  readonly scrubPace?: ScrubPace;
}): Promise<EventStore> {
  const { file, codec, acceptLoss = false, onMigration = () => {}, onScrub = () => {} } = options;
  const { lock, acceptedLoss, identity, changeCounter } = await takeFile(file, { acceptLoss, codec, onMigration });
  const appender = new WorkerThread<AppendRequest, AppendReply>(
    new URL("./appending/append-worker.ts", import.meta.url),
    { file, identity, changeCounter, acceptLoss },
  );
  const readThread = new WorkerThread<ReadRequest, ReadReply>(new URL("./reading/read-worker.ts", import.meta.url), {
    file,
    identity,
    acceptLoss,
  });
  const listeners = new Listeners();
  const onDamage = (place: DamagedPlace, message: string) => {
    // Ignore failures: a thread that dies reports so itself.
    appender.ask({ kind: "damaged", place, message }).catch(() => {});
  };
  const known = new KnownDamage();
  const reader = new Reader(readThread, known, onDamage);
  const onFault = () => {
    listeners.tellMissed();
    return reader.reopen();
  };
  const queue = new AppendQueue(appender, { listeners, codec, onFault });
  const editor = new Editor(appender, { listeners, codec, onFault });
  const scrubber = new Scrubber({
    pace: options.scrubPace,
    ask: (asked) => {
      // The marker must say that the store is open before anybody reads.
      appender.start();
      return reader.read("scrub", asked);
    },
    isBusy: () => !queue.isIdle || !readThread.isIdle,
    known,
    onDamage,
    onScrub,
  });
  let closing = false;
  let key: Uint8Array | undefined;
  return {
    traits: {
      name: "sqlite",
      details: { file, schema: schemaVersion },
      durable: true,
      arrivalOrder: true,
      shared: false,
      exposed: exposedPaths(file),
      acceptedLoss,
    },
    died: new Promise((resolve) => {
      for (const { died } of [appender, readThread]) died.then((cause) => closing || resolve(cause));
    }),
    append: (append, appendOptions) => queue.append(append, appendOptions),
    readEvent: (deploymentId, eventId, readOptions) => reader.readEvent(deploymentId, eventId, readOptions),
    readEvents: (request) => reader.readEvents(request),
    readDeployment: (deploymentId) => reader.readDeployment(deploymentId),
    readDeployments: (request) => reader.readDeployments(request),
    readArrivals: (request) => reader.readArrivals(request),
    listen: (deploymentId, onNotice) => listeners.add(deploymentId, onNotice),
    watch: (options) => listeners.watch(options),
    redactEvent: (redaction, editOptions) => editor.redactEvent(redaction, editOptions),
    hideDeployment: (deploymentId, isHidden, editOptions) => editor.hideDeployment(deploymentId, isHidden, editOptions),
    beginPurge: (purge, editOptions) => editor.beginPurge(purge, editOptions),
    purgeSome: (deploymentId, editOptions) => editor.purgeSome(deploymentId, editOptions),
    importEvents: (part, editOptions) => editor.importEvents(part, editOptions),
    redactionKeys: () => editor.redactionKeys(),
    addRedactionKeys: (keys) => editor.addRedactionKeys(keys),
    finishEmptying: (editOptions) => editor.finishEmptying(editOptions),
    unmirroredEvents: async () => 0,
    pageTokenKey: async () => {
      key ??= pageTokenKey(file);
      return key;
    },
    probe: () => {
      appender.start();
      return reader.probe();
    },
    close: async () => {
      closing = true;
      scrubber.stop();
      try {
        await queue.idle();
        await readThread.end({ kind: "close" });
        // Last: only the appender can write the log into the file, and the last one to close does so.
        await appender.end({ kind: "close" });
      } finally {
        lock.close();
      }
    },
  };
}
