/** What a CI system says of the run that it executes, in the fields of an event. */
export interface CiDeployment {
  /** Name of the CI system, for messages. */
  readonly system: string;
  /** Id made of the run and its attempt: two attempts are two deployments. */
  readonly deploymentId: string;
  readonly service?: string;
  readonly environment?: string;
  readonly revision?: string;
  readonly commit?: string;
  readonly actor?: string;
  readonly url?: string;
}

/** Variables of a process. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Fields of a deployment that a CI system tells; an empty text tells nothing. */
export type CiFields = { readonly [Name in keyof Omit<CiDeployment, "system" | "deploymentId">]?: string | undefined };

/** One CI system, by the variables that its documentation promises. */
export interface CiSystem {
  readonly name: string;
  readonly isHere: (variables: Variables) => boolean;
  readonly deploymentId: (variables: Variables) => string | undefined;
  readonly fields: (variables: Variables) => CiFields;
}
