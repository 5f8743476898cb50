/** Returns the last part of a resource name, its short name; empty without a name. */
export const lastName = (name: string | null | undefined) => name?.split("/").at(-1) ?? "";

/** Returns project, region and service of `projects/…/locations/…/services/…`. */
export function serviceParts(name: string): { readonly project: string; readonly service: string } {
  const [, project = "", , , , service = ""] = name.split("/");
  return { project, service };
}
