import type { X509Certificate } from "node:crypto";
import type { TlsFiles } from "../../config/config.ts";
import type { Certificates } from "./certificate-files.ts";

/** Time before its end from which a certificate is warned of, in ms: a week. */
const warnedOfMs = 7 * 86_400_000;

/** A certificate that has ended or ends soon. */
export interface EndingCertificate {
  readonly setting: string;
  readonly file: string;
  readonly subject: string;
  readonly serial: string;
  /** RFC 3339. */
  readonly ends: string;
  readonly hasEnded: boolean;
}

/** Lists the certificates that have ended at a time, in ms, or end within a week of it. */
export function endingCertificates(
  { certFile, clientCaFile = "" }: TlsFiles,
  { chain, clientAuthorities }: Certificates,
  nowMs: number,
): readonly EndingCertificate[] {
  const ending = (setting: string, file: string, certificates: readonly X509Certificate[]) =>
    certificates.flatMap(({ subject, serialNumber, validTo }): readonly EndingCertificate[] => {
      const endMs = Date.parse(validTo);
      if (endMs - nowMs > warnedOfMs) return [];
      const ends = new Date(endMs).toISOString();
      return [{ setting, file, subject, serial: serialNumber, ends, hasEnded: endMs <= nowMs }];
    });
  return [
    ...ending("TLS_CERT_FILE", certFile, chain),
    ...ending("TLS_CLIENT_CA_FILE", clientCaFile, clientAuthorities),
  ];
}
