import type { AccessRules, Binding } from "./access-rules.ts";
import { Caller } from "./caller.ts";
import { memberFault } from "./check-rules.ts";
import { bindingsOf, grantsOf } from "./grants.ts";
import { identityOf } from "./identity.ts";
import { type Permission, permissionsOf } from "./roles.ts";

/** What an access file permits somebody on one deployment, and by which of its bindings. */
export interface Explanation {
  /** Why nobody could call as this; undefined if somebody could. */
  readonly impossible: string | undefined;
  readonly permissions: readonly Permission[];
  readonly reasons: readonly Reason[];
}

/** A binding that holds for somebody. */
export interface Reason {
  /** Its place among the file's bindings, from 0. */
  readonly index: number;
  readonly binding: Binding;
  /** The member that is meant. */
  readonly member: string;
  /** The prefix of the deployment's id; undefined if the binding is for all deployments. */
  readonly prefix: string | undefined;
  /** False if the binding is for other deployments. */
  readonly isOfDeployment: boolean;
}

/** Explains the decision about somebody of these names: a principal first, then groups. A domain follows from the address. */
export function explainAccess(
  rules: AccessRules,
  {
    principal,
    groups,
    deploymentId,
  }: { readonly principal: string; readonly groups: readonly string[]; readonly deploymentId: string },
): Explanation {
  const [, domain] = /^(?:user|serviceAccount):[^@\s]+@(\S+)$/.exec(principal) ?? [];
  const more = domain === undefined ? groups : [`domain:${domain}`, ...groups];
  const { names } =
    principal === "all" ? { names: new Set(["all"]) } : identityOf(principal, more, Number.POSITIVE_INFINITY);
  const bindings = bindingsOf(rules, names);
  const impossible = whyImpossible(rules, principal);
  if (impossible !== undefined) return { impossible, permissions: [], reasons: [] };
  const caller = new Caller({ principal, grants: grantsOf(bindings) });
  return {
    impossible,
    permissions: permissionsOf.admin.filter((permission) => caller.may(permission, deploymentId)),
    reasons: bindings.map((binding) => {
      const prefix = binding.prefixes?.find((one) => deploymentId.startsWith(one));
      return {
        index: rules.bindings.indexOf(binding),
        binding,
        member: binding.members.find((member) => names.has(member)) ?? "",
        prefix,
        isOfDeployment: binding.prefixes === undefined || prefix !== undefined,
      };
    }),
  };
}

function whyImpossible(rules: AccessRules, principal: string): string | undefined {
  const [, token] = /^token:(.*)$/.exec(principal) ?? [];
  const expiresMs = rules.tokens.find(({ name }) => name === token)?.expiresMs;
  if (expiresMs !== undefined && expiresMs <= Date.now()) return "the token has expired";
  return memberFault(principal, "reader", rules);
}
