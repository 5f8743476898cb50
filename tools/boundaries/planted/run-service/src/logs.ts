// caught by: production-lists-what-it-imports
import { pino } from "pino";

export const log = pino;
