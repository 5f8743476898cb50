import { type ChannelOptions, Client, credentials } from "@grpc/grpc-js";

/** Where a service is and how it is spoken to. */
export interface ServiceAddress {
  /** `HOST:PORT`; an IPv6 host in brackets. */
  readonly address: string;
  /** With TLS, against the roots that Node trusts; plain text otherwise. */
  readonly tls: boolean;
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

/** Opens a channel; it connects at its first call and whenever it has lost its connection. Close it with `close()`. */
export function openChannel({ address, tls }: ServiceAddress): Client {
  return new Client(address, tls ? credentials.createSsl() : credentials.createInsecure(), {
    ...options,
    // grpc-js would ask the proxy of the environment even for a service on this machine.
    "grpc.enable_http_proxy": isLoopback(address) ? 0 : 1,
  });
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\]):/i.test(address);
}
