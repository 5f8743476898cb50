import type { ActivityEventsError, ServiceAddress } from "@activity-events/client";
import { findConnectionFault } from "../connection/find-connection-fault.ts";
import { describeError, isUnexplained } from "./describe-error.ts";

/** Describes a failed call. Where the service itself did not answer, connects once more to find out why. */
export type ExplainError = (error: ActivityEventsError) => Promise<string>;

/** A service and what led to it. */
export interface ExplainOptions {
  readonly service: ServiceAddress;
  /** Sentence about the context that the address comes from. */
  readonly origin: string | undefined;
  /** Variable whose proxy the calls go through, if any. */
  readonly proxyVariable: string | undefined;
}

/** Makes the function for one service. */
export function errorExplainer({ service, origin, proxyVariable }: ExplainOptions): ExplainError {
  const explain = async (error: ActivityEventsError) => {
    if (!isUnexplained(error)) return describeError(error, service);
    if (proxyVariable !== undefined && mayUseProxy(service.address)) {
      return `${error.code}: ${service.address} was not reached through the proxy of ${proxyVariable}; check the proxy, or list the host in no_proxy.`;
    }
    return describeError(error, service, await findConnectionFault(service));
  };
  return async (error) => {
    const text = await explain(error);
    // With a reason, the service itself has answered.
    return origin === undefined || error.reason !== undefined ? text : `${text} ${origin}`;
  };
}

// The client itself never uses a proxy for these.
function mayUseProxy(address: string): boolean {
  return !/^(localhost|127(\.\d+){3}|\[::1\]):|^dns:/i.test(address);
}
