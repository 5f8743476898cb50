import { setTimeout as sleep } from "node:timers/promises";
import { getJson } from "./get-json.ts";

/** Image to look up, and where. */
export interface ScanOptions {
  /** By digest. */
  readonly image: string;
  readonly project: string;
  /** Longest time for Artifact Registry to scan a new image. */
  readonly waitMs: number;
  readonly pollMs: number;
  /** URL of Container Analysis, if not Google's. */
  readonly endpoint: string | undefined;
}

interface Occurrence {
  readonly discovery?: { readonly analysisStatus?: string };
  readonly vulnerability?: {
    readonly effectiveSeverity?: string;
    readonly fixAvailable?: boolean;
    readonly shortDescription?: string;
  };
}

/**
 * Waits for Artifact Registry's scan of an image. Returns the vulnerabilities of severity CRITICAL or HIGH that have a fix.
 * Throws if no scan finishes in time, because an unscanned image does not count as safe.
 */
export async function scanImage(options: ScanOptions): Promise<string[]> {
  const endMs = performance.now() + options.waitMs;
  for (;;) {
    const [found] = (await occurrences(options, "DISCOVERY")).map(({ discovery }) => discovery?.analysisStatus);
    if (found === "FINISHED_SUCCESS") break;
    if (found === "FINISHED_FAILED" || found === "FINISHED_UNSUPPORTED")
      throw new Error(`The scan ended with ${found}.`);
    if (performance.now() >= endMs)
      throw new Error(
        `The scan did not finish in time (${found ?? "not started"}). Is the containerscanning API enabled?`,
      );
    await sleep(options.pollMs);
  }
  return (await occurrences(options, "VULNERABILITY"))
    .map(({ vulnerability }) => vulnerability)
    .filter((found) => found?.fixAvailable === true && /^(CRITICAL|HIGH)$/.test(found.effectiveSeverity ?? ""))
    .map((found) => `${found?.effectiveSeverity} ${found?.shortDescription}`);
}

async function occurrences(
  { image, project, endpoint = "https://containeranalysis.googleapis.com/" }: ScanOptions,
  kind: string,
): Promise<Occurrence[]> {
  const all: Occurrence[] = [];
  let pageToken = "";
  do {
    const url = new URL(`v1/projects/${project}/occurrences`, endpoint);
    url.searchParams.set("filter", `resourceUrl="https://${image}" AND kind="${kind}"`);
    url.searchParams.set("pageToken", pageToken);
    const page = (await getJson(url)) as { readonly occurrences?: Occurrence[]; readonly nextPageToken?: string };
    all.push(...(page.occurrences ?? []));
    pageToken = page.nextPageToken ?? "";
  } while (pageToken !== "");
  return all;
}
