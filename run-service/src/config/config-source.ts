import { resolve } from "node:path";
import { ConfigError } from "@activity-events/process/config-error";
import { readNamedFile } from "@activity-events/process/read-named-file";
import { limits } from "../limits.ts";
import { type Config, readConfig } from "./config.ts";
import type { FileSettings } from "./file-settings.ts";
import { configFileSetting } from "./settings.ts";

/** Settings as they were read. */
export interface ReadSettings {
  readonly config: Config;
  /** Names in the file that the environment overrides. */
  readonly overridden: readonly string[];
}

/** Reads the settings: from the environment and, below it, from the file that CONFIG_FILE names. */
export class ConfigSource {
  /** Absolute path of the file, if there is one. */
  readonly file: string | undefined;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #isTerminal: boolean;

  constructor(environment: NodeJS.ProcessEnv, isTerminal: boolean) {
    this.file = environment.CONFIG_FILE ? resolve(environment.CONFIG_FILE) : undefined;
    this.#environment = environment;
    this.#isTerminal = isTerminal;
  }

  /** Reads the file's text; undefined without a file. Throws a ConfigError. */
  async readText(): Promise<string | undefined> {
    if (this.file === undefined) return undefined;
    const { name: setting } = configFileSetting;
    return await readNamedFile({ setting, path: this.file, bytesMax: limits.configFileBytesMax });
  }

  /** Checks all settings, with this text of the file. Throws a ConfigError with every fault. */
  async parse(text: string | undefined): Promise<ReadSettings> {
    const environment = this.#environment;
    if (this.file === undefined || text === undefined)
      return { config: readConfig(environment, this.#isTerminal), overridden: [] };
    // Loaded on demand, because most services have no file.
    const { parseConfigFile } = await import("./parse-config-file.ts");
    const { file, faults } = parseConfigFile(this.file, text);
    const overridden = [...file.keys()].filter((name) => environment[name]);
    const config = this.#checked(file, faults);
    return { config, overridden };
  }

  /** Checks the values, too, where names are at fault: whoever mends the file wants to know of all at once. */
  #checked(file: FileSettings, faults: readonly string[]): Config {
    let more: readonly string[] = [];
    try {
      const config = readConfig(this.#environment, this.#isTerminal, file);
      if (faults.length === 0) return config;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      more = error.faults;
    }
    throw new ConfigError([...faults, ...more]);
  }
}
