const own = /^--?(?:add|deployment|port)(?:=|$)/s;
const address = /^--?address(?:=|$)/s;

// One dash is Go's way, and what Go refuses as no flag is no option of the commands either.
const goForm = /^(?:-|--|-[^-].*|---.*|--=.*)$/s;

/**
 * Whether these arguments are for the ancestor's face: they begin with one of its flags, or with one dash. `-address` alone
 * decides nothing, since the commands have a flag of that name; the next argument does. `-h` is for the commands' help.
 */
export function isAncestorCall(args: readonly string[]): boolean {
  const [first, ...rest] = args;
  if (first === undefined || own.test(first)) return true;
  if (address.test(first)) return isAncestorCall(first.includes("=") ? rest : rest.slice(1));
  return goForm.test(first) && first !== "-h";
}
