import { limits } from "../../limits.ts";
import type { Violations } from "./violations.ts";

/** Returns the page size; notes a negative one. */
export function parsePageSize(pageSize: number, violations: Violations): number {
  if (pageSize < 0) violations.add("page_size", `must be 0 or greater; found ${pageSize}`);
  return pageSize === 0 ? limits.pageSizeDefault : Math.min(pageSize, limits.pageSizeMax);
}
