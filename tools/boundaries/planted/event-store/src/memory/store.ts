import type { EventStore } from "../event-store.ts";

export const memoryStore: EventStore[] = [];
