import { CallCredentials, ChannelCredentials, credentials } from "@grpc/grpc-js";

/** A certificate with its key, both PEM. */
export interface ClientCertificate {
  /** The certificate, then its issuers. */
  readonly certificate: string;
  readonly key: string;
}

/** A value, or a function that is asked for it anew with each connection. */
export type Fresh<Value> = Value | (() => Value);

/** What TLS checks the server by, and what it shows of the client. */
export interface TlsIdentity {
  readonly rootCertificates?: Fresh<string | undefined>;
  readonly clientCertificate?: Fresh<ClientCertificate | undefined>;
}

/** Returns a value that may be a function. */
export function freshValue<Value>(value: Fresh<Value>): Value {
  return typeof value === "function" ? (value as () => Value)() : value;
}

/** Makes TLS of certificates. Throws if they cannot be read. */
export function tlsCredentials(identity: TlsIdentity): ChannelCredentials {
  const isFresh = Object.values(identity).some((value) => typeof value === "function");
  return isFresh ? new FreshCredentials(identity) : credentialsOf(identity);
}

/**
 * TLS whose certificates are asked for with each connection, so that renewed ones need no new channel. A function that throws
 * fails the connection with its message.
 */
class FreshCredentials extends ChannelCredentials {
  readonly #identity: TlsIdentity;

  constructor(identity: TlsIdentity) {
    super();
    this.#identity = identity;
    // A fault of now is told now.
    credentialsOf(identity);
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(...[target, options, callCredentials]: ConnectorParameters): SecureConnector {
    const current = () => credentialsOf(this.#identity)._createSecureConnector(target, options, callCredentials);
    return {
      connect: async (socket) => current().connect(socket),
      waitForReady: async () => {},
      getCallCredentials: () => callCredentials ?? CallCredentials.createEmpty(),
      destroy: () => {},
    };
  }
}

function credentialsOf({ rootCertificates, clientCertificate }: TlsIdentity): ChannelCredentials {
  const roots = freshValue(rootCertificates);
  const own = freshValue(clientCertificate);
  return credentials.createSsl(bytesOf(roots), bytesOf(own?.key), bytesOf(own?.certificate));
}

type ConnectorParameters = Parameters<ChannelCredentials["_createSecureConnector"]>;
type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

function bytesOf(text: string | undefined): Buffer | null {
  return text === undefined ? null : Buffer.from(text);
}
