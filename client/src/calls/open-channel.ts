import { type ChannelCredentials, type ChannelOptions, Client, credentials } from "@grpc/grpc-js";
import { idTokenCredentials } from "../cloud-run/id-token-credentials.ts";

/** Address and security of a service. */
export interface ServiceAddress {
  /**
   * `HOST:PORT`; an IPv6 host needs brackets. `dns:///NAME:PORT` spreads calls over all addresses of the name, such as those
   * of a headless service on Kubernetes.
   */
  readonly address: string;
  /** Uses TLS with `rootCertificates` or, without them, Node's; otherwise plain text. */
  readonly tls: boolean;
  /** Certificates of the authorities to trust, PEM, in place of Node's; needs TLS. */
  readonly rootCertificates?: string | undefined;
  /** Audience of a Google-signed ID token that each call carries, for a protected service; needs TLS. */
  readonly idTokenAudience?: string | undefined;
}

const options: ChannelOptions = {
  "grpc.primary_user_agent": "activity-events-client",
  // Detects a dead connection under a quiet stream. Proxies tolerate one ping a minute.
  "grpc.keepalive_time_ms": 60_000,
  "grpc.keepalive_timeout_ms": 10_000,
  // The caller has its own back-off; the channel's must not be longer.
  "grpc.initial_reconnect_backoff_ms": 250,
  "grpc.max_reconnect_backoff_ms": 2_000,
  // The service publishes none, and the lookup costs a DNS query.
  "grpc.service_config_disable_resolution": 1,
};

/**
 * Opens a channel. It connects at the first call and reconnects after a loss; close it with `close()`. Channels to one
 * service share a connection, except with `ownConnection`.
 */
export function openChannel(service: ServiceAddress, { ownConnection = false } = {}): Client {
  const { address } = service;
  return new Client(address, channelCredentials(service), {
    ...options,
    "grpc.use_local_subchannel_pool": ownConnection ? 1 : 0,
    // grpc-js would use the environment's proxy even for this machine, and would let it resolve the name of a spread
    // address.
    "grpc.enable_http_proxy": isLoopback(address) || isSpread(address) ? 0 : 1,
    ...(isSpread(address) ? { "grpc.service_config": JSON.stringify(roundRobin) } : {}),
  });
}

const roundRobin = { loadBalancingConfig: [{ round_robin: {} }] };

function channelCredentials({ tls, rootCertificates, idTokenAudience }: ServiceAddress): ChannelCredentials {
  if (!tls && idTokenAudience !== undefined) throw new TypeError("An ID token is sent over TLS only.");
  if (!tls) return credentials.createInsecure();
  const secure = credentials.createSsl(rootCertificates === undefined ? null : Buffer.from(rootCertificates));
  if (idTokenAudience === undefined) return secure;
  return credentials.combineChannelCredentials(secure, idTokenCredentials(idTokenAudience));
}

/** Tells whether the address stands for several instances. */
function isSpread(address: string): boolean {
  return /^(dns|ipv4|ipv6):/.test(address);
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]):/i.test(address);
}
