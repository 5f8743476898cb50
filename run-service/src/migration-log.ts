import type { MigrationProgress } from "@activity-events/event-store";
import type { Config } from "./config.ts";
import type { Log } from "./log.ts";

/** Logs how far the store's file has been brought along, while nothing else is open yet. */
export class MigrationLog {
  readonly #config: Config;
  /** Loaded only when there is something to say. */
  #log: Promise<Log> | undefined;
  #lastLine: Promise<void> | undefined;

  constructor(config: Config) {
    this.#config = config;
  }

  tell(progress: MigrationProgress): void {
    this.#lastLine = this.#write(progress);
  }

  /** Resolves when all lines are out, or nobody takes them. */
  async flush(): Promise<void> {
    await this.#lastLine;
    await (await this.#log)?.flush();
  }

  async #write({ fromSchema, toSchema, done, total }: MigrationProgress): Promise<void> {
    this.#log ??= import("./log.ts").then(({ openLog }) => openLog(this.#config));
    const { logger } = await this.#log;
    logger.info({ fromSchema, toSchema, done, total }, "the store's file is brought to a newer schema");
  }
}
