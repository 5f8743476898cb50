import type { AccessRules, IssuerRule } from "./access-rules.ts";
import type { Fault } from "./fault.ts";
import type { FileShape } from "./file-schema.ts";

/** Finds what the parts of a file say against each other: names that mean two principals, or nobody. */
export function checkRules(rules: AccessRules, file: FileShape, isCloudRun: boolean): readonly Fault[] {
  return [
    ...issuerFaults(file),
    ...nameFaults(rules, file),
    ...cloudRunFaults(rules, file, isCloudRun),
    ...tokenFaults(rules),
    ...memberFaults(rules),
    ...adminFaults(rules),
  ];
}

/** Settings of an issuer that have no effect, or that lack one. */
function issuerFaults({ issuers = [] }: FileShape): Fault[] {
  const faults: Fault[] = [];
  for (const [index, found] of issuers.entries()) {
    const fault = (key: string, reason: string) => faults.push({ path: ["issuers", index, key], reason });
    const isBySubject = found.names === "subject";
    if (found.issuer === "cloud-run") {
      for (const key of ["keys_file", "names", "domains", "prefix", "groups_claim", "group_prefix"] as const)
        if (found[key] !== undefined) fault(key, "has no meaning for cloud-run, whose tokens are Google's");
      continue;
    }
    if (isBySubject && found.prefix === undefined)
      fault("names", 'by subject needs a prefix, such as "github:", so that no subject is taken for an e-mail address');
    if (isBySubject && found.domains !== undefined) fault("domains", "belongs to names by email");
    if (!isBySubject && found.prefix !== undefined) fault("prefix", "belongs to names: subject");
    if (found.group_prefix !== undefined && found.groups_claim === undefined)
      fault("group_prefix", "needs groups_claim beside it");
  }
  return faults;
}

/** Two issuers that could name the same principal or group: either could speak for the other's. */
function nameFaults({ issuers }: AccessRules, file: FileShape): Fault[] {
  const places = (file.issuers ?? []).flatMap(({ issuer }, index) => (issuer === "cloud-run" ? [] : [index]));
  const faults: Fault[] = [];
  for (const [at, rule] of issuers.entries()) {
    for (const other of issuers.slice(0, at)) {
      const reason = sharedName(rule, other);
      if (reason !== undefined) faults.push({ path: ["issuers", places[at] ?? 0], reason });
    }
  }
  return faults;
}

function sharedName(one: IssuerRule, other: IssuerRule): string | undefined {
  if (one.issuer === other.issuer) return "is the second one with this issuer; list the audiences of one";
  const [names, others] = [one.names, other.names];
  if (names.by === "email" && others.by === "email") {
    const both = names.domains?.find((domain) => others.domains?.includes(domain));
    if (both !== undefined) return `could name the same person as another issuer: both have the domain ${both}`;
    if (names.domains === undefined || others.domains === undefined)
      return "could name the same person as another issuer; give both issuers their domains";
  }
  if (names.by === "subject" && others.by === "subject" && names.prefix === others.prefix)
    return `has the prefix ${names.prefix} of another issuer`;
  // Without a prefix, an issuer could name a group with the other's.
  const [prefix, otherPrefix] = [one.groups?.prefix, other.groups?.prefix];
  if (
    prefix !== undefined &&
    otherPrefix !== undefined &&
    (prefix === otherPrefix || prefix === "" || otherPrefix === "")
  )
    return "could name the same group as another issuer; give both a group_prefix of their own";
  return undefined;
}

function cloudRunFaults({ cloudRun, tokens }: AccessRules, { issuers = [] }: FileShape, isCloudRun: boolean): Fault[] {
  if (cloudRun === undefined) return [];
  const index = issuers.findIndex(({ issuer }) => issuer === "cloud-run");
  const path = ["issuers", index, "issuer"];
  if (!isCloudRun) return [{ path, reason: "cloud-run works on Cloud Run alone, where IAM has verified the tokens" }];
  if (issuers.length > 1)
    return [{ path, reason: "cloud-run must be the only issuer: one header cannot hold two proofs" }];
  if (tokens.length > 0)
    return [{ path: ["tokens"], reason: "cannot be used beside cloud-run, whose tokens take their header" }];
  return [];
}

function tokenFaults({ tokens }: AccessRules): Fault[] {
  return tokens.flatMap(({ name, sha256 }, index) => {
    const before = tokens.slice(0, index);
    if (before.some((other) => other.name === name)) return [{ path: ["tokens", index, "name"], reason: "is taken" }];
    // Whoever holds one of them would be either.
    if (before.some((other) => other.sha256 === sha256))
      return [{ path: ["tokens", index, "sha256"], reason: "is that of another token" }];
    return [];
  });
}

function memberFaults(rules: AccessRules): Fault[] {
  return rules.bindings.flatMap(({ role, members }, index) =>
    members.flatMap((member, at) => {
      const reason = memberFault(member, role, rules);
      return reason === undefined ? [] : [{ path: ["bindings", index, "members", at], reason }];
    }),
  );
}

const forms = "user:, serviceAccount:, domain:, group:, certificate: or token: and a name, allAuthenticated, or all";

/** Returns why nobody could be this member; undefined if somebody could. */
export function memberFault(
  member: string,
  role: string,
  { issuers, cloudRun, tokens }: AccessRules,
): string | undefined {
  if (member === "all") return role === "admin" ? "all cannot be admin: anybody could" : undefined;
  if (member === "allAuthenticated") return undefined;
  const [, kind, name = ""] = /^(user|serviceAccount|domain|group|certificate|token):(\S(?:.*\S)?)$/.exec(member) ?? [];
  switch (kind) {
    case "token":
      return tokens.some((token) => token.name === name) ? undefined : `names a token that is not in tokens`;
    case "certificate":
      return undefined;
    case "group":
      return issuers.some(({ groups }) => groups !== undefined && name.startsWith(groups.prefix))
        ? undefined
        : "names a group, but no issuer has a groups_claim for it";
    case "user":
    case "serviceAccount":
    case "domain": {
      if (kind === "domain" && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name))
        return "must be domain: and a domain in lower case";
      if (name.includes("@") && name !== name.toLowerCase()) return "must have the e-mail address in lower case";
      const isNamed = cloudRun !== undefined || issuers.some((issuer) => couldName(issuer, kind, name));
      return isNamed ? undefined : "could never call: no issuer of the file names such a principal";
    }
    default:
      return `must be ${forms}`;
  }
}

function couldName({ names }: IssuerRule, kind: "user" | "serviceAccount" | "domain", name: string): boolean {
  if (names.by === "subject") return kind === "serviceAccount" && name.startsWith(names.prefix);
  const domain = kind === "domain" ? name : /@([^@]+)$/.exec(name)?.[1];
  return domain !== undefined && (names.domains === undefined || names.domains.includes(domain));
}

/** Without an admin, nobody could ever redact, delete or purge; a file that loses its last one is more likely a slip. */
function adminFaults({ bindings }: AccessRules): Fault[] {
  if (bindings.some(({ role, prefixes }) => role === "admin" && prefixes === undefined)) return [];
  return [{ path: ["bindings"], reason: "shut out every admin; give somebody the role admin, without prefixes" }];
}
