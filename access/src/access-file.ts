import { ConfigError } from "@activity-events/process/config-error";
import { readNamedFile } from "@activity-events/process/read-named-file";
import { Access } from "./access.ts";
import type { AccessRules } from "./access-rules.ts";
import { DiscoveredKeys } from "./issuers.ts";
import { parseAccessFile } from "./parse-access-file.ts";

/** Interval of looks at the file, in ms: a file in a mounted secret changes without an event of the file system. */
const lookIntervalMs = 10_000;

const bytesMax = 1_048_576;

interface AccessFileOptions {
  readonly path: string;
  /** True on Cloud Run, where alone the issuer `cloud-run` may be named. */
  readonly isCloudRun: boolean;
}

interface WatchOptions {
  readonly onChanged: (access: Access) => void;
  /** Receives the faults of a file that cannot be used, once; the rules of before stay in force. */
  readonly onRefused: (faults: readonly string[]) => void;
}

/** The file that ACCESS_FILE names: who may do what. Read again and again, with the key files that it names. */
export class AccessFile implements Disposable {
  readonly #options: AccessFileOptions;
  readonly #discovered = new DiscoveredKeys();
  #rules: AccessRules;
  #refused = "";
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  private constructor(options: AccessFileOptions, rules: AccessRules) {
    this.#options = options;
    this.#rules = rules;
  }

  /** Reads the file. Throws a ConfigError with the place and the reason of each fault. */
  static async open(options: AccessFileOptions): Promise<AccessFile> {
    return new AccessFile(options, await readRules(options));
  }

  /** Makes what decides by the rules in force. */
  get access(): Access {
    return new Access(this.#rules, this.#discovered);
  }

  /** Looks at the file until it is disposed of. */
  watch(options: WatchOptions): void {
    this.#timer = setTimeout(async () => {
      await this.#look(options);
      // One look at a time, however long the file takes to read.
      if (!this.#isOver) this.watch(options);
    }, lookIntervalMs).unref();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #look({ onChanged, onRefused }: WatchOptions): Promise<void> {
    try {
      const rules = await readRules(this.#options);
      this.#refused = "";
      if (this.#isOver || JSON.stringify(rules) === JSON.stringify(this.#rules)) return;
      this.#rules = rules;
      onChanged(this.access);
    } catch (error) {
      const faults = error instanceof ConfigError ? error.faults : [`${error}`];
      if (this.#isOver || faults.join("\n") === this.#refused) return;
      this.#refused = faults.join("\n");
      onRefused(faults);
    }
  }
}

async function readRules({ path, isCloudRun }: AccessFileOptions): Promise<AccessRules> {
  return parseAccessFile(await readNamedFile({ setting: "ACCESS_FILE", path, bytesMax }), { path, isCloudRun });
}
