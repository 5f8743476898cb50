import type { Event } from "./domain/event.ts";

export interface EventStore {
  append(event: Event): void;
}
