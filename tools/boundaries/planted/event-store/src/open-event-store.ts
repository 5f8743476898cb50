import { memoryStore } from "./memory/store.ts";
import { sqliteStore } from "./sqlite/store.ts";

export const openEventStore = () => [memoryStore, sqliteStore];
