import { readNamedFile } from "@activity-events/process/read-named-file";
import type { AccessRules } from "./access-rules.ts";
import { parseAccessFile } from "./parse-access-file.ts";

const bytesMax = 1_048_576;

interface NamedAccessFile {
  /** Setting or flag that names the file, for messages. */
  readonly setting: string;
  readonly path: string;
  /** True on Cloud Run, where alone the issuer `cloud-run` may be named. */
  readonly isCloudRun: boolean;
}

/** Reads an access file, and the key files that it names. Throws a ConfigError with the place and the reason of each fault. */
export async function readAccessRules({ setting, path, isCloudRun }: NamedAccessFile): Promise<AccessRules> {
  return parseAccessFile(await readNamedFile({ setting, path, bytesMax }), { path, isCloudRun });
}
