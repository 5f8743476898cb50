import { constants } from "node:crypto";
import type { SecureContextOptions } from "node:tls";

/** Texts of the files, PEM. */
export interface CertificateTexts {
  readonly certificate: string;
  readonly key: string;
  /** Authorities of the clients; undefined where no client certificate is demanded. */
  readonly clientAuthorities: string | undefined;
}

/** Ciphers of TLS 1.3 and those of 1.2 that HTTP/2 permits. Source: Mozilla's intermediate configuration, without DHE. */
const ciphers = [
  ...["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"],
  ...["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
  ...["ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384"],
  ...["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305"],
].join(":");

/** Returns what Node makes a secure context of. */
export function secureContextOptions({ certificate, key, clientAuthorities }: CertificateTexts): SecureContextOptions {
  return {
    cert: certificate,
    key,
    // A resumed session would vouch for a client certificate that has ended meanwhile.
    ...(clientAuthorities === undefined ? {} : { ca: clientAuthorities, secureOptions: constants.SSL_OP_NO_TICKET }),
    minVersion: "TLSv1.2",
    ciphers,
    honorCipherOrder: true,
  };
}
