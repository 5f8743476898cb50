import type { Event } from "@activity-events/client";
import type { TopicMessage } from "@activity-events/topic/topic-message";
import type { Subject } from "../event-text.ts";

/** What a target is told of one event, in the forms that targets take. */
export interface Telling {
  readonly event: Event;
  /** What the event says of it, or else its deployment. */
  readonly subject: Subject;
  /** The event as the mirror publishes it. */
  readonly message: TopicMessage;
  /** A line for people. */
  readonly text: string;
}

/** Where events are forwarded to. */
export interface Target {
  /** Tells one event; resolves when the target has it. Throws a `TargetError` otherwise, also after `signal`. */
  tell(telling: Telling, signal: AbortSignal): Promise<void>;
}

/** A target did not take an event. */
export class TargetError extends Error {
  override readonly name = "TargetError";
  /** `refused`: it will not take this event, and may take others. `passing`: it takes nothing now. */
  readonly kind: "refused" | "passing";
  /** Delay that the target asked for, in ms. */
  readonly retryDelayMs: number | undefined;

  constructor(kind: TargetError["kind"], message: string, options: ErrorOptions & { retryDelayMs?: number } = {}) {
    super(message, options);
    this.kind = kind;
    this.retryDelayMs = options.retryDelayMs;
  }
}
