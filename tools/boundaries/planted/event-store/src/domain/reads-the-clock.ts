// caught by: domain-imports-only-itself
import { hrtime } from "node:process";

export const now = () => hrtime.bigint();
