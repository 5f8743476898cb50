/** What the environment says. */
export interface Config {
  /** Where the service is unless the command line says otherwise; `HOST:PORT`. */
  readonly address: string;
  /** False where NO_COLOR is set or the terminal is a dumb one. */
  readonly coloursAllowed: boolean;
}

/** Reads the environment: ACTIVITY_ADDRESS, NO_COLOR and TERM. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  return {
    address: environment.ACTIVITY_ADDRESS || "127.0.0.1:50051",
    coloursAllowed: !environment.NO_COLOR && environment.TERM !== "dumb",
  };
}
