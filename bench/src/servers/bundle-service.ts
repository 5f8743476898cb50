import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..", "..", "..");

/** Bundles the service as shipped into a folder; returns the path of its program. */
export async function bundleService(folder: string): Promise<string> {
  await promisify(execFile)(process.execPath, [join(root, "packaging", "bundle.mjs"), folder]);
  return join(folder, "service", "activity_server.cjs");
}
