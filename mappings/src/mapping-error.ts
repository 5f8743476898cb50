/** A payload that cannot be mapped. Names the field at fault; the same payload fails again. */
export class MappingError extends Error {
  override readonly name = "MappingError";
  /** Path of the field, such as `deployment_status.id`; empty for the whole payload. */
  readonly field: string;

  constructor(field: string, problem: string, options?: ErrorOptions) {
    super(field === "" ? problem : `${field}: ${problem}`, options);
    this.field = field;
  }
}
