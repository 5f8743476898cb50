/** A setting, as --help shows it. */
export interface Setting {
  readonly name: string;
  readonly default: string;
  readonly description: string;
}

/** Lists settings for --help, each with its default below; `width` is that of the longest name. */
export function settingsText(settings: readonly Setting[], width: number): string {
  const below = " ".repeat(width + 4);
  return settings
    .map(
      ({ name, default: value, description }) => `  ${name.padEnd(width)}  ${description}\n${below}default: ${value}`,
    )
    .join("\n");
}
