import type { CiDeployment, Variables } from "./ci-system.ts";
import { ciSystems } from "./ci-systems.ts";

// From the contract, in bytes of UTF-8.
const textBytesMax = 256;
const urlBytesMax = 1_024;

const names = ["service", "environment", "revision", "commit", "actor", "url"] as const;

/**
 * Reads the variables that a CI system sets for its runs. Returns undefined outside of a known one, and where its variables do not
 * name the run. A value that the contract refuses is left out: none of them is worth an event.
 */
export function ciDeployment(variables: Variables): CiDeployment | undefined {
  const system = ciSystems.find(({ isHere }) => isHere(variables));
  if (system === undefined) return undefined;
  const deploymentId = system.deploymentId(variables);
  if (deploymentId === undefined) return undefined;
  const fields = system.fields(variables);
  const kept = names.flatMap((name) => {
    const value = fields[name];
    return value !== undefined && isKept(name, value) ? [[name, value] as const] : [];
  });
  return { system: system.name, deploymentId, ...Object.fromEntries(kept) };
}

function isKept(name: (typeof names)[number], value: string): boolean {
  const bytes = new TextEncoder().encode(value).length;
  if (value === "" || !value.isWellFormed()) return false;
  return name === "url" ? bytes <= urlBytesMax && /^https?:\/\/[!-~]+$/.test(value) : bytes <= textBytesMax;
}
