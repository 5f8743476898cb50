// caught by: adapters-never-meet
import type { Row } from "../sqlite/rows.ts";

export type Borrowed = Row;
