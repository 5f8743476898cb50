import type { AccessRules } from "@activity-events/access/access-rules";
import { type Explanation, explainAccess, type Reason } from "@activity-events/access/explain";
import { readAccessRules } from "@activity-events/access/read-access-rules";
import type { Permission } from "@activity-events/access/roles";
import { escapeControls } from "@activity-events/client";
import { ConfigError } from "@activity-events/process/config-error";
import type { LocalContext } from "../program/perform-locally.ts";
import { UsageError } from "../program/usage-error.ts";
import { Denied } from "./denied.ts";

/** Flags of `access check`. */
export interface CheckFlags {
  readonly file: string;
  readonly as?: string;
  readonly group?: readonly string[];
  readonly deploymentId?: string;
  readonly may?: Permission;
}

/** Checks an access file and, where somebody and a deployment are named, explains what it permits. */
export async function checkAccess({ output, json }: LocalContext, flags: CheckFlags): Promise<void> {
  const rules = await readRules(flags.file);
  const { deploymentId, group: groups = [], may } = flags;
  // As the service does with addresses.
  const principal = flags.as?.includes("@") ? flags.as.replace(/:.*/, (name) => name.toLowerCase()) : flags.as;
  if (principal === undefined || deploymentId === undefined) {
    if (principal !== undefined || deploymentId !== undefined || groups.length > 0 || may !== undefined)
      throw new UsageError("give both --as and --deployment-id, or neither to check the file alone.");
    output.text(
      json ? `${JSON.stringify({ file: flags.file, bindings: rules.bindings.length })}\n` : `${flags.file} is good.\n`,
    );
    return;
  }
  if (!/^(all|(user|serviceAccount|token|certificate):\S+)$/.test(principal))
    throw new UsageError("--as must be user:, serviceAccount:, token: or certificate: and a name, or all.");
  const explanation = explainAccess(rules, {
    principal,
    groups: groups.map((group) => `group:${group}`),
    deploymentId,
  });
  output.text(json ? inJson({ ...flags, as: principal }, explanation) : inWords(principal, deploymentId, explanation));
  if (may !== undefined && !explanation.permissions.includes(may))
    throw new Denied(`${principal} may not ${verbOf[may]} ${deploymentId}.`);
}

async function readRules(path: string): Promise<AccessRules> {
  try {
    // The file may be meant for Cloud Run, wherever it is checked.
    return await readAccessRules({ setting: "--file", path, isCloudRun: true });
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.faults.join("\n"));
    throw error;
  }
}

const verbOf: Readonly<Record<Permission, string>> = { read: "read", write: "record events of", admin: "administer" };

function inWords(principal: string, deploymentId: string, { permissions, reasons, impossible }: Explanation): string {
  const what = permissions.map((permission) => verbOf[permission]).join(", ");
  const lines = [
    `${principal} may ${what === "" ? "do nothing to" : what} ${deploymentId}.`,
    ...reasons.map(reasonInWords),
  ];
  if (impossible !== undefined) lines.push(`  ${principal}: ${impossible}.`);
  else if (reasons.length === 0) lines.push("  No binding has it as a member.");
  return lines.map((line) => `${escapeControls(line)}\n`).join("");
}

function reasonInWords({ index, binding, member, prefix, isOfDeployment }: Reason): string {
  const { role, prefixes } = binding;
  const of =
    prefixes === undefined ? "all deployments" : `deployments that begin with ${prefix ?? prefixes.join(", ")}`;
  return `  bindings[${index}]: ${role} of ${of}, as ${member}${isOfDeployment ? "" : "; this is none of them"}`;
}

function inJson(
  { as: principal, deploymentId }: CheckFlags,
  { permissions, reasons, impossible }: Explanation,
): string {
  const shown = reasons.map(({ index, binding: { role, prefixes }, member, isOfDeployment }) => ({
    ...{ binding: index, role, member, prefixes, isOfDeployment },
  }));
  return `${JSON.stringify({ principal, deploymentId, permissions, reasons: shown, impossible })}\n`;
}
