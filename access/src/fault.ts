/** Path of a value in the access file, such as `["bindings", 0, "role"]`. */
export type ValuePath = readonly PropertyKey[];

/** A fault of a value. */
export interface Fault {
  readonly path: ValuePath;
  readonly reason: string;
}
