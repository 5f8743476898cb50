// caught by: packages-are-imported-by-name
import { openEventStore } from "../../event-store/src/index.ts";

export const open = openEventStore;
