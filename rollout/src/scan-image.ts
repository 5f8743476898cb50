import { setTimeout as sleep } from "node:timers/promises";
import { getJson } from "./get-json.ts";

/** Which image is looked up, and where. */
export interface ScanOptions {
  /** By digest. */
  readonly image: string;
  readonly project: string;
  /** How long Artifact Registry may take to scan what was just pushed. */
  readonly waitMs: number;
  readonly pollMs: number;
  /** Where Container Analysis is, if not at Google's address. */
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
 * Waits for Artifact Registry's scan of an image and answers the vulnerabilities that are a reason to stop: of severity CRITICAL
 * or HIGH, with a fix to be had. Throws when there is no finished scan in time: what was not looked at is not taken for sound.
 */
export async function scanImage(options: ScanOptions): Promise<string[]> {
  const endMs = performance.now() + options.waitMs;
  for (;;) {
    const [found] = (await occurrences(options, "DISCOVERY")).map(({ discovery }) => discovery?.analysisStatus);
    if (found === "FINISHED_SUCCESS") break;
    if (found === "FINISHED_FAILED" || found === "FINISHED_UNSUPPORTED")
      throw new Error(`The scan ended with ${found}.`);
    if (performance.now() >= endMs)
      throw new Error(`The scan is not finished (${found ?? "not begun"}). Is the API containerscanning on?`);
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
