import { ApiFault } from "./api-fault.ts";

/** Throws an ApiFault if a query has a parameter that does not exist, which would otherwise be taken for one without effect. */
export function checkParameters(query: Readonly<Record<string, string>>, known: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ApiFault(
    "INVALID_ARGUMENT",
    `there is no parameter ${JSON.stringify(unknown)}; there are ${known.join(", ")}`,
  );
}
