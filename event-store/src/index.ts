export { AppendSeries } from "./append-series.ts";
export type { Append, Appended, ExpectedSequence } from "./domain/append.ts";
export type { Deployment, DeploymentState } from "./domain/deployment.ts";
export {
  type DifferingFields,
  type EventFacts,
  type NewEvent,
  type Outcome,
  type StoredEvent,
  wireBytesMax,
} from "./domain/event.ts";
export { type EventFilter, everyEvent, matchesFilter } from "./domain/event-filter.ts";
export { type DeploymentId, type EventId, identifierRule, isDeploymentId, isEventId } from "./domain/identifiers.ts";
export type {
  AppendOptions,
  Arrival,
  ArrivalCursor,
  ArrivalPage,
  DeploymentCursor,
  DeploymentFilter,
  DeploymentPage,
  EventPage,
  EventStore,
  ExposedPath,
  Listener,
  Notice,
  ReadArrivals,
  ReadDeployments,
  ReadEvents,
  StoreTraits,
} from "./event-store.ts";
export type { FirestoreSettings } from "./firestore-settings.ts";
export { limits } from "./limits.ts";
export type { MigrationProgress } from "./migration-progress.ts";
export type { MirrorEvent, MirrorPosition, MirrorStore, PendingDeployment, ReadMirrorEvents } from "./mirror-store.ts";
export { copyStore, openEventStore, openMirrorStore, type StoreSettings } from "./open-event-store.ts";
export {
  type DamagedPlace,
  damageAt,
  type EventIdConflict,
  EventIdConflictError,
  SequenceMismatchError,
  StoreFaultError,
  type StoreFaultReason,
  StoreOpenError,
} from "./store-error.ts";
