const known = [
  /^(prod|production|prd|live)\b/,
  /^(stag|staging|stg|pre-?prod|uat|qa|test)/,
  /^(dev|development|local|preview|sandbox)/,
];

/** Sorts environments as they matter: production first, then staging, others, development, and no name last. */
export function inOrder(environments: Iterable<string>): readonly string[] {
  return [...environments].sort((one, other) => rankOf(one) - rankOf(other) || one.localeCompare(other, "en"));
}

function rankOf(environment: string): number {
  if (environment === "") return known.length;
  const rank = known.findIndex((pattern) => pattern.test(environment.toLowerCase()));
  // What has no known name stands between staging and development.
  return rank === -1 ? 1.5 : rank;
}
