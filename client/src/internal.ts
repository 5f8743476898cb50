// Only for this repository's command line. Not part of the public API; any version may change it.
export { isLoopback, openChannel } from "./calls/open-channel.ts";
export { serverStream } from "./calls/server-stream.ts";
export { unaryCall } from "./calls/unary-call.ts";
export { replaceControls } from "./escape-controls.ts";
export { Wakeup } from "./ingest/wakeup.ts";
export { limits } from "./limits.ts";
export { freshValue } from "./security/fresh-credentials.ts";
export { isOfCheckpoint } from "./verify/fault.ts";
export { headHistoryHash } from "./verify/head-history-hash.ts";
export { emptyHistory, withEvent } from "./verify/history-hash.ts";
export { isStoreDamaged } from "./verify/is-store-damaged.ts";
export { microsecondsOf } from "./verify/microseconds-of.ts";
export { PageWatch } from "./verify/page-watch.ts";
export { isEmptied, type ReceivedEvent, receivedEvent } from "./verify/received-event.ts";
