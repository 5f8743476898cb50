import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  credentials,
  InterceptingCall,
  type Interceptor,
} from "@grpc/grpc-js";
import { idTokenCredentials } from "../cloud-run/id-token-credentials.ts";
import { type ClientCertificate, type Fresh, tlsCredentials } from "../security/fresh-credentials.ts";
import { type TokenSource, tokenCredentials } from "../security/token-credentials.ts";

/** Address and security of a service. */
export interface ServiceAddress {
  /**
   * `HOST:PORT`; an IPv6 host needs brackets. `dns:///NAME:PORT` spreads calls over all addresses of the name, such as those
   * of a headless service on Kubernetes.
   */
  readonly address: string;
  /** Uses TLS with `rootCertificates` or, without them, Node's; otherwise plain text. */
  readonly tls: boolean;
  /**
   * Certificates of the authorities to trust, PEM, in place of Node's; needs TLS. A function is asked anew with each connection, as
   * that of `clientCertificate`.
   */
  readonly rootCertificates?: Fresh<string | undefined>;
  /** Certificate that the client shows to the service, for mutual TLS; needs TLS. */
  readonly clientCertificate?: Fresh<ClientCertificate | undefined>;
  /** Audience of a Google-signed ID token that each call carries, for a protected service; needs TLS. */
  readonly idTokenAudience?: string | undefined;
  /**
   * Token that each call carries in `authorization`; asked anew for each call and stream. Needs TLS, except to this machine. With
   * `idTokenAudience` the ID token goes in `x-serverless-authorization`, which Cloud Run then checks instead.
   */
  readonly token?: TokenSource | undefined;
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
  const { address, token } = service;
  return new Client(address, channelCredentials(service), {
    ...options,
    "grpc.use_local_subchannel_pool": ownConnection ? 1 : 0,
    // grpc-js would use the environment's proxy even for this machine, and would let it resolve the name of a spread
    // address.
    "grpc.enable_http_proxy": isLoopback(address) || isSpread(address) ? 0 : 1,
    ...(token === undefined ? {} : { interceptors: [withToken(token)] }),
    ...(isSpread(address) ? { "grpc.service_config": JSON.stringify(roundRobin) } : {}),
  });
}

const roundRobin = { loadBalancingConfig: [{ round_robin: {} }] };

function channelCredentials({ tls, idTokenAudience, ...service }: ServiceAddress): ChannelCredentials {
  const { address, rootCertificates, clientCertificate, token } = service;
  if (!tls) {
    if (idTokenAudience !== undefined) throw new TypeError("An ID token is sent over TLS only.");
    if (clientCertificate !== undefined) throw new TypeError("A client certificate needs TLS.");
    if (token !== undefined && !isLoopback(address)) {
      throw new TypeError("A token is sent over TLS only, except to this machine.");
    }
    return credentials.createInsecure();
  }
  const secure = tlsCredentials({ rootCertificates, clientCertificate });
  if (idTokenAudience === undefined) return secure;
  const header = token === undefined ? "authorization" : "x-serverless-authorization";
  return credentials.combineChannelCredentials(secure, idTokenCredentials(idTokenAudience, header));
}

/** Adds the token to each call: grpc-js combines credentials of calls with those of secure channels only. */
function withToken(token: TokenSource): Interceptor {
  const callCredentials = tokenCredentials(token);
  return (options, nextCall) => new InterceptingCall(nextCall({ ...options, credentials: callCredentials }));
}

/** Tells whether the address stands for several instances. */
function isSpread(address: string): boolean {
  return /^(dns|ipv4|ipv6):/.test(address);
}

/** Tells whether only this machine is reached. */
export function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]):/i.test(address);
}
