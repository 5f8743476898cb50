import type { CheckOptions, CheckReport } from "../../check-report.ts";
import { StoreOpenError } from "../../store-error.ts";
import { faultOf } from "../faults.ts";
import { sizeOf } from "../files/file-header.ts";
import { lockFile, openErrorOf } from "../files/open-file.ts";
import { faultOfFiles } from "../files/settle-last-stop.ts";
import { checkStore } from "./check-store.ts";

/** Like checkStore, for a store that nobody uses meanwhile; also checks that its files are those of the last stop. */
export async function checkOwnStore(file: string, options: CheckOptions): Promise<CheckReport> {
  if (sizeOf(file) === undefined && sizeOf(`${file}-wal`) === undefined) {
    throw new StoreOpenError(`there is no store ${file}; set DATA_DIR to the folder of one`);
  }
  using _lock = lockFile(file);
  const fault = await faultOrUnreadable(file);
  if (fault === undefined) return checkStore(file, options);
  const findings = [{ what: fault }];
  if (sizeOf(file) === undefined)
    return { deployments: 0, events: 0, findings, found: 1, olderSchema: undefined, start: "loss" };
  const { start = "loss", ...report } = checkStore(file, options);
  return { ...report, findings: [...findings, ...report.findings], found: report.found + 1, start };
}

/** Returns the fault of the files; undefined also for a file that cannot be read, which checkStore tells. */
async function faultOrUnreadable(file: string): Promise<string | undefined> {
  try {
    return await faultOfFiles(file);
  } catch (error) {
    if (faultOf(error).reason === "STORE_DAMAGED") return undefined;
    throw openErrorOf(file, error);
  }
}
