/** How grave a line of the ancestor's output is. */
export type LogLevel = "INFO" | "ERRO" | "FATA";

/** A line of the ancestor's output, with the whole seconds since the program began: `INFO[0000] …`. */
export function logLine(level: LogLevel, secondsSinceStart: number, text: string): string {
  return `${level}[${String(Math.floor(secondsSinceStart)).padStart(4, "0")}] ${text}\n`;
}
