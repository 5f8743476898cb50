/** What a caller may do to a deployment. */
export type Permission = "read" | "write" | "admin";

/** A role of the access file. */
export type Role = (typeof roles)[number];
export const roles = ["reader", "writer", "editor", "admin"] as const;

/** What each role permits. */
export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  reader: ["read"],
  writer: ["write"],
  editor: ["read", "write"],
  admin: ["read", "write", "admin"],
};
