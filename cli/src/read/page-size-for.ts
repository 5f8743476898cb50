const pageSizeMax = 1_000;

/** How many items to ask for in one call: as said, otherwise as many as the server gives and no more than are wanted. */
export function pageSizeFor({ limit, pageSize }: { readonly limit?: number; readonly pageSize?: number }): number {
  return pageSize ?? Math.min(limit ?? pageSizeMax, pageSizeMax);
}
