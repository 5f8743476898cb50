import type { Context } from "../contexts/context.ts";

/** What a command is told of its run. */
export interface RunTold {
  readonly deploymentId: string;
  readonly traceParent: string;
  /** Connection to the service; undefined if none is known. */
  readonly service: Context | undefined;
}

/** Returns the variables of a command: with them, `activity_client add` in it needs no flags. */
export function commandEnvironment(
  environment: NodeJS.ProcessEnv,
  { deploymentId, traceParent, service }: RunTold,
): NodeJS.ProcessEnv {
  const told: NodeJS.ProcessEnv = {
    ...environment,
    ACTIVITY_DEPLOYMENT_ID: deploymentId,
    ACTIVITY_RUN: deploymentId,
    TRACEPARENT: traceParent,
  };
  // The command finds the same fault.
  if (service === undefined) return told;
  delete told.ACTIVITY_CONNECTION;
  if (!("address" in service)) {
    // They would name another service.
    delete told.ACTIVITY_ADDRESS;
    delete told.ACTIVITY_CONTEXT;
    return { ...told, ACTIVITY_CONNECTION: JSON.stringify(service) };
  }
  const isAddress = Object.keys(service).length === 1;
  const connection = isAddress ? {} : { ACTIVITY_CONNECTION: JSON.stringify(service) };
  return { ...told, ACTIVITY_ADDRESS: service.address, ...connection };
}
