import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { type CiDeployment, ciDeployment } from "@activity-events/mappings";

/** Address without any setting, that of a service on this machine. */
export const defaultAddress = "127.0.0.1:50051";

/** Settings from the environment. */
export interface Config {
  /** Address of the service, `HOST:PORT`. */
  readonly address: string | undefined;
  /** Name of the context that says how to connect. */
  readonly context: string | undefined;
  /** Folder of this program's own files; undefined for an account without a home. */
  readonly configFolder: string | undefined;
  /** Folder of an embedded service of this account; undefined for an account without a home. */
  readonly dataFolder: string | undefined;
  /** Folder of events that are not sent yet; undefined for an account without a home. */
  readonly stateFolder: string | undefined;
  /** Deployment that events without one belong to; `run` sets it for its command. */
  readonly deploymentId: string | undefined;
  /** Deployment that a `run` around this process records; `run` sets it for its command. */
  readonly runDeploymentId: string | undefined;
  /** Connection to the service at `address`, or on Cloud Run, in JSON; `run` sets it for its command where an address is not enough. */
  readonly connection: string | undefined;
  /** W3C traceparent of the process. */
  readonly traceParent: string | undefined;
  /** What the CI system says of its run; undefined outside of one. */
  readonly ci: CiDeployment | undefined;
  /** All variables, for the command that `run` starts. */
  readonly environment: NodeJS.ProcessEnv;
  /** URL of Cloud Run's API, if not Google's. */
  readonly runEndpoint: string | undefined;
  /** Default project of a service on Cloud Run. */
  readonly project: string | undefined;
  /** Variable that names an HTTP proxy for connections, if any. */
  readonly proxyVariable: string | undefined;
  /** False with NO_COLOR, or on a dumb terminal. */
  readonly coloursAllowed: boolean;
  /** False on a dumb terminal, which cannot rewrite a line. */
  readonly linesMayMove: boolean;
}

/**
 * Reads ACTIVITY_ADDRESS, ACTIVITY_CONTEXT, ACTIVITY_CONNECTION, ACTIVITY_DEPLOYMENT_ID, ACTIVITY_RUN, TRACEPARENT, XDG_CONFIG_HOME, XDG_STATE_HOME, DATA_DIR and XDG_DATA_HOME as the service reads them,
 * GOOGLE_CLOUD_PROJECT, NO_COLOR, TERM, the variables of a proxy and of CI systems, and gcloud's variable for another endpoint of
 * Cloud Run's API.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  return {
    address: environment.ACTIVITY_ADDRESS || undefined,
    context: environment.ACTIVITY_CONTEXT || undefined,
    configFolder: folderOf(environment.XDG_CONFIG_HOME, ".config"),
    dataFolder: environment.DATA_DIR
      ? resolve(environment.DATA_DIR)
      : folderOf(environment.XDG_DATA_HOME, ".local/share"),
    stateFolder: folderOf(environment.XDG_STATE_HOME, ".local/state"),
    deploymentId: environment.ACTIVITY_DEPLOYMENT_ID || undefined,
    runDeploymentId: environment.ACTIVITY_RUN || undefined,
    connection: environment.ACTIVITY_CONNECTION || undefined,
    traceParent: traceParentOf(environment.TRACEPARENT),
    ci: ciDeployment(environment),
    environment,
    runEndpoint: environment.CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN || undefined,
    project: environment.GOOGLE_CLOUD_PROJECT || undefined,
    // The names and the order in which grpc-js reads them.
    proxyVariable: ["grpc_proxy", "https_proxy", "http_proxy"].find((name) => environment[name]),
    coloursAllowed: !environment.NO_COLOR && environment.TERM !== "dumb",
    linesMayMove: environment.TERM !== "dumb",
  };
}

/** Source: XDG Base Directory Specification, by which a relative path is invalid and ignored. */
function folderOf(named = "", usual: string): string | undefined {
  const folder = isAbsolute(named) ? named : join(home() ?? "", usual);
  // A folder of where somebody happens to work would let that folder choose the service.
  return isAbsolute(folder) ? join(folder, "activity-events") : undefined;
}

/** Source: https://www.w3.org/TR/trace-context/, by which an invalid one is as none. */
function traceParentOf(text = ""): string | undefined {
  return /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(text) ? text : undefined;
}

function home(): string | undefined {
  try {
    return homedir();
  } catch {
    // The account of a container may have no entry in /etc/passwd.
    return undefined;
  }
}
