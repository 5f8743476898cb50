// caught by: adapters-are-opened-in-one-place
import { memoryStore } from "./memory/store.ts";

export const opened = memoryStore;
