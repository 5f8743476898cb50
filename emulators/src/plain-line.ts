/** Formats a Cloud Logging line for people, such as `WARNING poke failed topic=…`; returns other lines unchanged. */
export function plainLine(line: string): string {
  const entry = parse(line);
  if (entry === undefined) return line;
  const { severity, message, time: _time, err, ...fields } = entry;
  const cause = (err as { readonly message?: unknown } | undefined)?.message;
  const all = Object.entries(cause === undefined ? fields : { ...fields, cause });
  const words = all.map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`);
  return [...(severity === "INFO" ? [] : [severity]), message, ...words].join(" ");
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line);
    return typeof entry.severity === "string" && typeof entry.message === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
}
