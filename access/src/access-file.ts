import { ConfigError } from "@activity-events/process/config-error";
import type { Logger } from "pino";
import { Access } from "./access.ts";
import type { AccessRules } from "./access-rules.ts";
import { DiscoveredKeys } from "./issuers.ts";
import { readAccessRules } from "./read-access-rules.ts";

const setting = "ACCESS_FILE";

/** Interval of looks at the file, in ms: a file in a mounted secret changes without an event of the file system. */
const lookIntervalMs = 10_000;

interface AccessFileOptions {
  readonly path: string;
  /** True on Cloud Run, where alone the issuer `cloud-run` may be named. */
  readonly isCloudRun: boolean;
}

/** What decides by the rules in force. */
interface Follower {
  change(access: Access): void;
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
    return new AccessFile(options, await readAccessRules({ setting, ...options }));
  }

  /** Makes what decides by the rules in force. */
  get access(): Access {
    return new Access(this.#rules, this.#discovered);
  }

  /** Puts changed rules in force until it is disposed of, and logs each change. A file that cannot be used changes nothing. */
  follow(follower: Follower, logger: Logger): void {
    this.#timer = setTimeout(async () => {
      await this.#look(follower, logger);
      // One look at a time, however long the file takes to read.
      if (!this.#isOver) this.follow(follower, logger);
    }, lookIntervalMs).unref();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #look(follower: Follower, logger: Logger): Promise<void> {
    const { path: access_file } = this.#options;
    try {
      const rules = await readAccessRules({ setting, ...this.#options });
      this.#refused = "";
      if (this.#isOver || JSON.stringify(rules) === JSON.stringify(this.#rules)) return;
      this.#rules = rules;
      follower.change(this.access);
      logger.info({ code: "ACCESS_READ", access_file }, "read the changed access file");
    } catch (error) {
      const faults = error instanceof ConfigError ? error.faults : [`${error}`];
      if (this.#isOver || faults.join("\n") === this.#refused) return;
      this.#refused = faults.join("\n");
      logger.error(
        { code: "ACCESS_REFUSED", access_file, faults },
        "refused the changed access file; the rules of before stay in force",
      );
    }
  }
}
