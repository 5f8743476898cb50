export { AppendSeries } from "./append-series.ts";
export type { CheckReport, Finding } from "./check-report.ts";
export type { ContentCodec } from "./content-codec.ts";
export { counted } from "./counted.ts";

export type { Append, Appended, ExpectedSequence } from "./domain/append.ts";
export { type Deployment, foldEvent, isPurged, type Standing, standings } from "./domain/deployment.ts";
export { type DeploymentFilter, matchesDeployment } from "./domain/deployment-filter.ts";
export {
  type DifferingFields,
  type EventFacts,
  type NewEvent,
  type Outcome,
  type StoredEvent,
  wireBytesMax,
} from "./domain/event.ts";
export { type EventFilter, everyEvent, matchesFilter } from "./domain/event-filter.ts";
export { microsecondsOf, type SendTime } from "./domain/event-time.ts";
export { commitmentOf, type HistoryHash, newSalt, noSalt, withCommitment } from "./domain/history-hash.ts";
export { type DeploymentId, type EventId, identifierRule, isDeploymentId, isEventId } from "./domain/identifiers.ts";
export type { DeploymentState } from "./domain/life-cycle.ts";
export { hiddenHead, purgedType, purgeTombstone } from "./domain/plan-edit.ts";
export {
  type EmptiedField,
  type ExportedHead,
  emptiedFields,
  type ImportEvents,
  type Imported,
  type ImportedEvent,
  type ImportPlan,
  planImport,
} from "./domain/plan-import.ts";
export type { RedactEvent, Redacted } from "./domain/plan-redaction.ts";
export { type Redaction, type RedactionKey, redactedType, redactionKeyOf } from "./domain/redaction.ts";
export type {
  AcceptedLoss,
  AppendOptions,
  Arrival,
  ArrivalCursor,
  ArrivalPage,
  BeginPurge,
  DeploymentCursor,
  DeploymentPage,
  EditOptions,
  EventPage,
  EventStore,
  ExposedPath,
  Listener,
  Notice,
  Purged,
  PurgeOptions,
  ReadArrivals,
  ReadDeployments,
  ReadEvents,
  ReadOptions,
  StoreTraits,
  WatchOptions,
} from "./event-store.ts";
export type { FirestoreSettings } from "./firestore-settings.ts";
export { limits } from "./limits.ts";
export type { MigrationProgress } from "./migration-progress.ts";
export type {
  MirrorEvent,
  MirrorHead,
  MirrorPosition,
  MirrorStore,
  PendingDeployment,
  ReadMirrorEvents,
} from "./mirror-store.ts";
export { openEventStore, openMirrorStore, type StoreSettings, sqliteFiles } from "./open-event-store.ts";
export type { Poke, Replay } from "./poke.ts";
export type { OnScrub, ScrubFinding, ScrubPass, ScrubReport } from "./scrub-report.ts";
export {
  aboveHead,
  type DamagedPlace,
  DeploymentGoneError,
  damageAt,
  type EventIdConflict,
  EventIdConflictError,
  SequenceMismatchError,
  StoreFaultError,
  type StoreFaultReason,
  StoreOpenError,
} from "./store-error.ts";
export { factsBeside } from "./stored-facts.ts";
