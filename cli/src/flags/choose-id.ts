import { UsageError } from "../program/usage-error.ts";

/** Returns the id that was given behind the command or by a flag. Throws a `UsageError` if there is none or two. */
export function chooseId(what: "deployment" | "event", given: string | undefined, flag: string | undefined): string {
  if (given !== undefined && flag !== undefined && given !== flag) {
    throw new UsageError(`Two ids of the ${what} are given: ${given}, and ${flag} by --${what}-id.`);
  }
  const id = given ?? flag;
  if (id === undefined) throw new UsageError(`Give the id of the ${what}, behind the command or by --${what}-id.`);
  return id;
}
