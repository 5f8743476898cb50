import type { ExportedHead, RedactionKey, StoredEvent } from "@activity-events/event-store";

/** One record of an export, in its order: the header, each deployment before its events, the end. */
export type ExportRecord =
  | { readonly kind: "header"; readonly keys: readonly RedactionKey[] }
  | { readonly kind: "deployment"; readonly head: ExportedHead }
  | {
      readonly kind: "event";
      readonly stored: StoredEvent;
      /** History hash after the event, 32 bytes; undefined before it starts. */
      readonly historyHash: Uint8Array | undefined;
    }
  | { readonly kind: "end"; readonly deployments: number; readonly events: number };
