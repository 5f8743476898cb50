import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { ConfigError } from "@activity-events/process/config-error";
import { readNamedFile } from "@activity-events/process/read-named-file";
import type { TlsFiles } from "../../config/config.ts";
import { limits } from "../../limits.ts";
import { type CertificateTexts, secureContextOptions } from "./secure-context-options.ts";

/** Checked certificates of the service. */
export interface Certificates {
  readonly texts: CertificateTexts;
  /** The service's own certificate, then those of its issuers. */
  readonly chain: readonly [X509Certificate, ...X509Certificate[]];
  readonly clientAuthorities: readonly X509Certificate[];
}

/** Reads the files. Throws a ConfigError with a fault for each that cannot be read. */
export async function readCertificateFiles(files: TlsFiles): Promise<CertificateTexts> {
  const faults: string[] = [];
  const read = async (setting: string, path: string) => {
    try {
      return await readNamedFile({ setting, path, bytesMax: limits.certificateFileBytesMax });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(...error.faults);
      return "";
    }
  };
  const { certFile, keyFile, clientCaFile } = files;
  const texts = {
    certificate: await read("TLS_CERT_FILE", certFile),
    key: await read("TLS_KEY_FILE", keyFile),
    clientAuthorities: clientCaFile === undefined ? undefined : await read("TLS_CLIENT_CA_FILE", clientCaFile),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return texts;
}

/** Checks that the files hold certificates, and that the key fits. Throws a ConfigError with every fault. */
export function checkCertificates(files: TlsFiles, texts: CertificateTexts): Certificates {
  const faults: string[] = [];
  const check = <Value>(place: string, parse: () => Value): Value | undefined => {
    try {
      return parse();
    } catch (error) {
      faults.push(`${place} ${(error as Error).message}`);
      return undefined;
    }
  };
  const { certFile, keyFile, clientCaFile } = files;
  const chain = check(`TLS_CERT_FILE ${certFile}`, () => certificatesOf(texts.certificate));
  const key = check(`TLS_KEY_FILE ${keyFile}`, () => keyOf(texts.key));
  const authorities = texts.clientAuthorities;
  const clientAuthorities =
    authorities === undefined ? [] : check(`TLS_CLIENT_CA_FILE ${clientCaFile}`, () => certificatesOf(authorities));
  if (chain !== undefined && key !== undefined) check(`TLS_KEY_FILE ${keyFile}`, () => checkKey(chain, key, certFile));
  if (chain === undefined || clientAuthorities === undefined || faults.length > 0) throw new ConfigError(faults);
  check(`TLS_CERT_FILE ${certFile}`, () => checkStrength(texts));
  if (faults.length > 0) throw new ConfigError(faults);
  return { texts, chain, clientAuthorities };
}

function certificatesOf(text: string): readonly [X509Certificate, ...X509Certificate[]] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs) ?? [];
  const [first, ...others] = blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new Error(`holds a certificate that cannot be read, number ${index + 1} of ${blocks.length}`);
    }
  });
  if (first === undefined) throw new Error("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  return [first, ...others];
}

function keyOf(text: string): KeyObject {
  if (/^(-----BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED)/m.test(text)) {
    throw new Error("is encrypted; decrypt it with openssl pkey -in FILE -out FILE");
  }
  try {
    return createPrivateKey(text);
  } catch {
    // The library's own text is about its decoders.
    throw new Error("holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)");
  }
}

function checkKey([own, ...others]: Certificates["chain"], key: KeyObject, certFile: string): void {
  if (own.checkPrivateKey(key)) return;
  if (others.some((certificate) => certificate.checkPrivateKey(key))) {
    throw new Error(
      `is the key of a later certificate in TLS_CERT_FILE ${certFile}; put that one first, its issuers below`,
    );
  }
  throw new Error(`does not fit the certificate in TLS_CERT_FILE ${certFile}; give the key that it was made with`);
}

/** OpenSSL has the last word: it refuses short keys and weak digests. */
function checkStrength(texts: CertificateTexts): void {
  try {
    createSecureContext(secureContextOptions(texts));
  } catch (error) {
    const { reason, message } = error as Error & { readonly reason?: string };
    throw new Error(
      `is refused by OpenSSL (${reason ?? message}); make a certificate with a longer key or a newer digest`,
    );
  }
}
