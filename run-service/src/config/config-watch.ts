import { ConfigError } from "@activity-events/process/config-error";
import { moreVerbose } from "@activity-events/process/log-level";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import type { ConfigSource, ReadSettings } from "./config-source.ts";
import { settings } from "./settings.ts";

interface ConfigWatchOptions {
  readonly source: ConfigSource;
  /** Text of the file at the start, if there is one, and the settings that came of it. */
  readonly text: string | undefined;
  readonly config: Config;
  readonly logger: Logger;
  /** Time between two looks at the file, in ms. */
  readonly intervalMs: number;
}

/**
 * Reads CONFIG_FILE again and again, and puts changed settings in force: those that are live at once, the others are named as
 * needing a restart. A bad file changes nothing.
 *
 * It reads the content instead of waiting for the file system's events, which network and FUSE volumes do not send, and which a
 * swapped symlink sends to another folder.
 */
export class ConfigWatch implements Disposable {
  readonly #options: ConfigWatchOptions;
  #current: Config;
  /** Text that was judged last; undefined after a look that found none. */
  #text: string | undefined;
  /** Faults that were logged last. */
  #refused = "";
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
    this.#current = options.config;
    this.#text = options.text;
    if (this.file !== undefined) this.#lookLater();
  }

  /** Path of the file, if there is one. */
  get file(): string | undefined {
    return this.#options.source.file;
  }

  /** Settings in force. */
  get current(): Config {
    return this.#current;
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    this.#timer = setTimeout(async () => {
      await this.#look();
      // One look at a time, however long the file takes to read.
      if (!this.#isOver) this.#lookLater();
    }, this.#options.intervalMs).unref();
  }

  async #look(): Promise<void> {
    const { source } = this.#options;
    const before = this.#text;
    this.#text = undefined;
    try {
      this.#text = await source.readText();
      if (this.#text === before || this.#isOver) return;
      this.#accept(await source.parse(this.#text));
    } catch (error) {
      if (!this.#isOver) this.#refuse(error instanceof ConfigError ? error.faults : [`${error}`]);
    }
  }

  #accept({ config, overridden }: ReadSettings): void {
    const { logger, config: started } = this.#options;
    const before = this.#current;
    const { logLevel, streamMaxAgeMs, heartbeatIntervalMs, shares, retention } = config;
    this.#current = { ...started, logLevel, streamMaxAgeMs, heartbeatIntervalMs, shares, retention };
    this.#refused = "";
    const line = {
      code: "CONFIG_READ",
      config_file: this.file,
      changed: changedFrom(before, this.#current),
      restart_for: listOrNothing(changedFrom(this.#current, config)),
      overridden: listOrNothing(overridden),
    };
    // Seen with the old level or with the new one.
    logger.level = moreVerbose(before.logLevel, logLevel);
    if (line.restart_for === undefined) logger.info(line, "read the changed settings");
    else logger.warn(line, "read the changed settings; some need a restart");
    logger.level = logLevel;
  }

  #refuse(faults: readonly string[]): void {
    const { logger } = this.#options;
    const refused = faults.join("\n");
    if (refused === this.#refused) return;
    this.#refused = refused;
    logger.error(
      { code: "CONFIG_REFUSED", config_file: this.file, faults },
      "refused the changed settings; the earlier ones stay in force",
    );
  }
}

/** Names of the settings that differ. */
function changedFrom(one: Config, other: Config): readonly string[] {
  return settings.filter(({ of }) => of(one) !== of(other)).map(({ name }) => name);
}

function listOrNothing(names: readonly string[]): readonly string[] | undefined {
  return names.length === 0 ? undefined : names;
}
