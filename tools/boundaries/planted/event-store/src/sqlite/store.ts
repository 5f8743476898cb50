import { DatabaseSync } from "node:sqlite";
import type { Row } from "./rows.ts";

export const sqliteStore: { database: typeof DatabaseSync; row?: Row } = { database: DatabaseSync };
