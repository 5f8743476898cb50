import { ApiFault } from "./api-fault.ts";

/** Parses the parameter `page_size`. Throws an ApiFault unless it is an integer from 1 to 1000. */
export function pageSizeOf(text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1_000) return Number(text);
  throw new ApiFault("INVALID_ARGUMENT", `page_size must be an integer from 1 to 1000; found ${JSON.stringify(text)}`);
}
