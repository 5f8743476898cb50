/** An entry of Cloud Logging, as far as filters look at it. */
export interface LogEntry {
  readonly resource: { readonly type: string; readonly labels: Readonly<Record<string, string>> };
  readonly severity: string;
  readonly jsonPayload: Readonly<Record<string, unknown>>;
}

const severities = ["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"];

/** The entry that Cloud Run makes of a JSON line on standard output: severity and time are the entry's own. */
export function entryOf(service: string, line: Readonly<Record<string, unknown>>): LogEntry {
  const { severity, time: _time, ...jsonPayload } = line;
  const resource = { type: "cloud_run_revision", labels: { service_name: service } };
  return { resource, severity: `${severity}`, jsonPayload };
}

/**
 * Whether an entry matches a filter of Cloud Logging's query language; of that language it knows what stands in
 * modules/monitoring: comparisons, each perhaps with NOT, joined by AND. Throws at anything else.
 */
export function matchesFilter(filter: string, entry: LogEntry): boolean {
  return filter.split(" AND ").every((term) => {
    const isNegated = term.startsWith("NOT ");
    return compares(isNegated ? term.slice(4) : term, entry) !== isNegated;
  });
}

/** What an extractor such as `EXTRACT(jsonPayload.code)` gives for an entry. */
export function extract(extractor: string, entry: LogEntry): unknown {
  const [, field = ""] = /^EXTRACT\((.+)\)$/.exec(extractor) ?? [];
  return valueAt(field, entry);
}

function compares(comparison: string, entry: LogEntry): boolean {
  const [, field = "", operator = "", text = ""] = /^([\w.]+)(=~|>=|=|:)(.+)$/.exec(comparison) ?? [];
  const value = valueAt(field, entry);
  switch (operator) {
    case ":":
      if (text !== "*") break;
      return value !== undefined;
    case "=":
      // Texts are compared without regard to their case.
      return value !== undefined && `${value}`.toLowerCase() === JSON.parse(text).toLowerCase();
    case "=~":
      return value !== undefined && new RegExp(JSON.parse(text)).test(`${value}`);
    case ">=":
      if (field === "severity") return severities.indexOf(`${value}`) >= severities.indexOf(text);
      return typeof value === "number" && value >= Number(text);
  }
  throw new Error(`this knows no filter such as ${comparison}`);
}

function valueAt(field: string, entry: LogEntry): unknown {
  return field
    .split(".")
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], entry);
}
