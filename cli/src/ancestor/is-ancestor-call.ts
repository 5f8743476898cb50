const own = /^--?(?:add|deployment|port)(?:=|$)/s;
const address = /^--?address(?:=|$)/s;

// One dash is Go's style. The commands have no option of the forms that Go refuses, either.
const goForm = /^(?:-|--|-[^-].*|---.*|--=.*)$/s;

/**
 * Detects a call in the ancestor's style: the arguments begin with one of its flags, or with one dash. The commands also
 * have an `--address`, so after that the next argument decides. `-h` prints the commands' help.
 */
export function isAncestorCall(args: readonly string[]): boolean {
  const [first, ...rest] = args;
  if (first === undefined || own.test(first)) return true;
  if (address.test(first)) return isAncestorCall(first.includes("=") ? rest : rest.slice(1));
  return goForm.test(first) && first !== "-h";
}
