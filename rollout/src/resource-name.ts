/** The last part of a resource's name, which is how people call it; empty for none. */
export const lastName = (name: string | null | undefined) => name?.split("/").at(-1) ?? "";

/** The parts of `projects/…/locations/…/services/…` that name the service elsewhere. */
export function serviceParts(name: string): { readonly project: string; readonly service: string } {
  const [, project = "", , , , service = ""] = name.split("/");
  return { project, service };
}
