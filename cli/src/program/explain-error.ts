import type { ActivityEventsError, ServiceAddress } from "@activity-events/client";
import { findConnectionFault } from "../connection/find-connection-fault.ts";
import { describeError, isUnexplained } from "./describe-error.ts";

/** Describes a failed call. Where the service itself did not answer, connects once more to find out why. */
export type ExplainError = (error: ActivityEventsError) => Promise<string>;

/** Makes the function for one service; `proxyVariable` names the variable whose proxy the calls go through, if any. */
export function errorExplainer(service: ServiceAddress, proxyVariable: string | undefined): ExplainError {
  return async (error) => {
    if (!isUnexplained(error)) return describeError(error, service);
    if (proxyVariable !== undefined && mayUseProxy(service.address)) {
      return `${error.code}: ${service.address} was not reached through the proxy of ${proxyVariable}; check the proxy, or list the host in no_proxy.`;
    }
    return describeError(error, service, await findConnectionFault(service));
  };
}

// The client itself never uses a proxy for these.
function mayUseProxy(address: string): boolean {
  return !/^(localhost|127(\.\d+){3}|\[::1\]):|^dns:/i.test(address);
}
