/**
 * SQL of the greatest number that a table has for a deployment; 0 if there is none. Numbers are given out without a
 * gap.
 */
export const lastDeployment = `max(coalesce((SELECT max(number) FROM deployments), 0),
  coalesce((SELECT max(deployment) FROM heads), 0), coalesce((SELECT max(deployment) FROM runs), 0))`;
