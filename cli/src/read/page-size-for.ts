const pageSizeMax = 1_000;

/** Chooses the page size: the flag's, otherwise the server's maximum or the limit, if that is smaller. */
export function pageSizeFor({
  limit,
  pageSize,
}: {
  readonly limit?: number | undefined;
  readonly pageSize?: number;
}): number {
  return pageSize ?? Math.min(limit ?? pageSizeMax, pageSizeMax);
}
