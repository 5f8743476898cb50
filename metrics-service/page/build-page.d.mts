/** One file of the page, as the server sends it. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Uint8Array;
  /** The path holds a hash of the content: the file may be cached for ever. */
  readonly isImmutable: boolean;
}

/** Builds the page from its sources. Keys are URL paths: `/index.html`, `/favicon.svg`, `/assets/app-HASH.js` and so on. */
export function buildPage(): Promise<ReadonlyMap<string, PageFile>>;

/** Returns the files that the page is built from, those of packages included. */
export function pageSources(): Promise<ReadonlySet<string>>;
