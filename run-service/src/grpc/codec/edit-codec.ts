import type { EditCodec } from "../../application/deployment-editor.ts";
import { emptyEvent, previewOf } from "./empty-event.ts";
import { storedFacts } from "./event-codec.ts";
import { noticeEvent } from "./notice-event.ts";

/** The encoding of what edits change and record. */
export const editCodec: EditCodec = {
  empty: emptyEvent,
  preview: previewOf,
  factsOf: storedFacts,
  notice: noticeEvent,
};
