import type { PayloadValue } from "../payload/parse-payload.ts";

/** A CloudEvent 1.0. Source: github.com/cloudevents/spec, version 1.0.2. */
export interface CloudEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  /** As it was written; empty if there is none. */
  readonly time: string;
  readonly traceParent: string;
  /** Extension attributes and other optional ones, by name. */
  readonly extensions: Readonly<Record<string, string>>;
  readonly data: PayloadValue | undefined;
  /** Path of the event in the request, for messages. */
  readonly path: string;
}
