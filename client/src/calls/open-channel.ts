import { type ChannelCredentials, type ChannelOptions, Client, credentials } from "@grpc/grpc-js";
import { idTokenCredentials } from "../cloud-run/id-token-credentials.ts";

/** Address of a service, and the way to speak to it. */
export interface ServiceAddress {
  /**
   * `HOST:PORT`; an IPv6 host in brackets. `dns:///NAME:PORT` spreads the calls over all addresses of the name, as those of a
   * headless service on Kubernetes.
   */
  readonly address: string;
  /** With TLS, against the roots that Node trusts; plain text otherwise. */
  readonly tls: boolean;
  /** Sends a Google-signed ID token for this audience with each call, for a service that is closed; needs TLS. */
  readonly idTokenAudience?: string | undefined;
}

const options: ChannelOptions = {
  "grpc.primary_user_agent": "activity-events-client",
  // A dead connection under a quiet stream is noticed; once a minute is what proxies put up with.
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 10_000,
  // What waits between calls is the back-off of the caller; the channel's own must not outlast it.
  "grpc.initial_reconnect_backoff_ms": 250,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // The service publishes none, and looking for it costs a DNS query.
  "grpc.service_config_disable_resolution": 1,
};

/**
 * Opens a channel; it connects at its first call and whenever it has lost its connection. Close it with `close()`. Channels
 * to one service share a connection unless they are to have their own.
 */
export function openChannel(service: ServiceAddress, { ownConnection = false } = {}): Client {
  const { address } = service;
  return new Client(address, channelCredentials(service), {
    ...options,
    "grpc.use_local_subchannel_pool": ownConnection ? 1 : 0,
    // grpc-js would ask the proxy of the environment even for a service on this machine, and give it a name to resolve
    // whose addresses are to be spread over.
    "grpc.enable_http_proxy": isLoopback(address) || isSpread(address) ? 0 : 1,
    ...(isSpread(address) ? { "grpc.service_config": JSON.stringify(roundRobin) } : {}),
  });
}

const roundRobin = { loadBalancingConfig: [{ round_robin: {} }] };

function channelCredentials({ tls, idTokenAudience }: ServiceAddress): ChannelCredentials {
  if (!tls && idTokenAudience !== undefined) throw new TypeError("An ID token is sent over TLS only.");
  if (!tls) return credentials.createInsecure();
  if (idTokenAudience === undefined) return credentials.createSsl();
  return credentials.combineChannelCredentials(credentials.createSsl(), idTokenCredentials(idTokenAudience));
}

/** Tells whether the address is a target that stands for several instances. */
function isSpread(address: string): boolean {
  return /^(dns|ipv4|ipv6):/.test(address);
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]):/i.test(address);
}
