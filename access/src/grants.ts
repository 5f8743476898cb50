import type { AccessRules, Binding } from "./access-rules.ts";
import type { Deployments } from "./caller.ts";
import { type Permission, permissionsOf } from "./roles.ts";

/** Returns the bindings that hold for somebody of these names. */
export function bindingsOf(rules: AccessRules, names: ReadonlySet<string>): readonly Binding[] {
  return rules.bindings.filter(({ members }) => members.some((member) => names.has(member)));
}

/** Returns what bindings permit, and on which deployments. */
export function grantsOf(bindings: readonly Binding[]): Readonly<Record<Permission, Deployments>> {
  const granted = (permission: Permission): Deployments => {
    const permitting = bindings.filter(({ role }) => permissionsOf[role].includes(permission));
    const prefixes = new Set<string>();
    for (const binding of permitting) {
      if (binding.prefixes === undefined) return "all";
      for (const prefix of binding.prefixes) prefixes.add(prefix);
    }
    return [...prefixes].sort();
  };
  return { read: granted("read"), write: granted("write"), admin: granted("admin") };
}
