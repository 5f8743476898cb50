/** A file of the page, by its path. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Uint8Array;
  /** True if the path holds a hash of the content, so that it may be kept for ever. */
  readonly isImmutable: boolean;
}

/** Builds the page from its sources. A bundle has this module replaced by the files as they were built with it. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const { buildPage } = await import("@activity-events/page/build-page");
  return buildPage();
}
