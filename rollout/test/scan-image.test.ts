import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { scanImage } from "../src/scan-image.ts";

const image = `europe-docker.pkg.dev/p/activity/activity-events@sha256:${"a".repeat(64)}`;
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** Container Analysis, with what it answers to each question about the image's scan, in turn. */
async function scan(statuses: readonly string[], waitMs = 10_000) {
  const left = [...statuses];
  const found = (effectiveSeverity: string, fixAvailable: boolean) => ({
    vulnerability: { effectiveSeverity, fixAvailable, shortDescription: `CVE-${effectiveSeverity}-${fixAvailable}` },
  });
  server = createServer(({ url = "" }, response) => {
    const { searchParams } = new URL(url, "http://localhost");
    const filter = searchParams.get("filter") ?? "";
    const isOurs = filter.startsWith(`resourceUrl="https://${image}"`);
    const second = searchParams.get("pageToken") === "2";
    const discovery = { discovery: { analysisStatus: left.length > 1 ? left.shift() : left[0] } };
    const page = filter.includes("DISCOVERY")
      ? { occurrences: [discovery] }
      : second
        ? { occurrences: [found("CRITICAL", true)] }
        : { occurrences: [found("CRITICAL", false), found("HIGH", true), found("MEDIUM", true)], nextPageToken: "2" };
    response.end(JSON.stringify(isOurs ? page : {}));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return scanImage({ image, project: "p", waitMs, pollMs: 10, endpoint });
}

test("names what is severe and has a fix, once the scan is finished", async () => {
  expect(await scan(["SCANNING", "SCANNING", "FINISHED_SUCCESS"])).toEqual([
    "HIGH CVE-HIGH-true",
    "CRITICAL CVE-CRITICAL-true",
  ]);
});

test("takes no image for sound that was not scanned", async () => {
  await expect(scan(["SCANNING"], 0)).rejects.toThrow("did not finish in time (SCANNING)");
});
