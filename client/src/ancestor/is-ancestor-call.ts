const own = /^--?(?:add|deployment|port)(?:=|$)/s;
const address = /^--?address(?:=|$)/s;

/**
 * Whether these arguments are for the ancestor's face: they begin with one of its flags. `-address` alone decides
 * nothing, since the commands have a flag of that name; the next argument does.
 */
export function isAncestorCall(args: readonly string[]): boolean {
  const [first, ...rest] = args;
  if (first === undefined || own.test(first)) return true;
  if (!address.test(first)) return false;
  return isAncestorCall(first.includes("=") ? rest : rest.slice(1));
}
