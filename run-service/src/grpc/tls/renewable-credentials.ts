import { ServerCredentials } from "@grpc/grpc-js";
import { limits } from "../../limits.ts";
import type { Certificates } from "./certificate-files.ts";
import { secureContextOptions } from "./secure-context-options.ts";

/**
 * TLS of the server with certificates that can be renewed: new connections get the new ones, open connections go on as they are.
 * With authorities of clients, a client without a certificate of theirs is refused by TLS itself.
 */
export class RenewableCredentials extends ServerCredentials {
  constructor({ texts }: Certificates) {
    const demandsCertificates = texts.clientAuthorities !== undefined;
    super(
      {
        requestCert: demandsCertificates,
        rejectUnauthorized: demandsCertificates,
        handshakeTimeout: limits.handshakeTimeMs,
      },
      secureContextOptions(texts),
    );
  }

  /** Has new connections use these certificates, which must be checked: grpc-js would close its door on bad ones. */
  renew({ texts }: Certificates): void {
    this.updateSecureContextOptions(secureContextOptions(texts));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
