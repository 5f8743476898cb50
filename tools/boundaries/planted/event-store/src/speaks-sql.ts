// caught by: sqlite-stays-in-its-adapter
import type { DatabaseSync } from "node:sqlite";

export type Database = DatabaseSync;
