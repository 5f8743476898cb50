import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "@activity-events/process/config-error";
import type { Logger } from "pino";
import type { TlsFiles } from "../../config/config.ts";
import { type Certificates, checkCertificates, readCertificateFiles } from "./certificate-files.ts";
import { endingCertificates } from "./ending-certificates.ts";

const dayMs = 86_400_000;

interface CertificateWatchOptions {
  readonly files: TlsFiles;
  /** Certificates in force at the start. */
  readonly certificates: Certificates;
  /** Puts renewed certificates in force. */
  readonly renew: (certificates: Certificates) => void;
  readonly logger: Logger;
  /** Time between two looks at the files, in ms. */
  readonly intervalMs: number;
  /** Time after which files that are at fault are read once more, in ms: they may be replaced one after the other. */
  readonly settleMs: number;
  /** Returns the current time, in ms. */
  readonly now: () => number;
}

/**
 * Reads the files of TLS again and again, and puts renewed certificates in force. Bad files change nothing. Warns when a
 * certificate has ended or ends soon, at the start, with every renewal and daily.
 *
 * It reads the content instead of waiting for the file system's events, which a swapped symlink sends to another folder.
 */
export class CertificateWatch implements Disposable {
  readonly #options: CertificateWatchOptions;
  readonly #over = new AbortController();
  #current: Certificates;
  /** Faults that were logged last. */
  #refused = "";
  #warnedMs = Number.NEGATIVE_INFINITY;

  constructor(options: CertificateWatchOptions) {
    this.#options = options;
    this.#current = options.certificates;
    this.#warnOfEnds();
    this.#lookAgainAndAgain().catch(() => {});
  }

  [Symbol.dispose](): void {
    this.#over.abort();
  }

  /** One look at a time, however long the files take to read. Rejects once this is disposed. */
  async #lookAgainAndAgain(): Promise<void> {
    for (;;) {
      await this.#pause(this.#options.intervalMs);
      await this.#look();
    }
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { ref: false, signal: this.#over.signal });
  }

  async #look(): Promise<void> {
    try {
      await this.#read().catch(async (error: unknown) => {
        if (!(error instanceof ConfigError)) throw error;
        await this.#pause(this.#options.settleMs);
        await this.#read();
      });
    } catch (error) {
      this.#over.signal.throwIfAborted();
      this.#refuse(error instanceof ConfigError ? error.faults : [`${error}`]);
    }
    if (this.#options.now() - this.#warnedMs >= dayMs) this.#warnOfEnds();
  }

  async #read(): Promise<void> {
    const { files, renew, logger } = this.#options;
    const texts = await readCertificateFiles(files);
    this.#over.signal.throwIfAborted();
    const { texts: before } = this.#current;
    const isSame =
      texts.certificate === before.certificate &&
      texts.key === before.key &&
      texts.clientAuthorities === before.clientAuthorities;
    if (isSame) {
      this.#refused = "";
      return;
    }
    const certificates = checkCertificates(files, texts);
    renew(certificates);
    this.#current = certificates;
    this.#refused = "";
    const [{ subject, serialNumber, validTo }] = certificates.chain;
    logger.info(
      { code: "TLS_READ", subject, serial: serialNumber, ends: new Date(validTo).toISOString() },
      "read the renewed certificates; new connections get them",
    );
    this.#warnOfEnds();
  }

  #refuse(faults: readonly string[]): void {
    const refused = faults.join("\n");
    if (refused === this.#refused) return;
    this.#refused = refused;
    this.#options.logger.error(
      { code: "TLS_REFUSED", faults },
      "refused the changed certificates; the earlier ones stay in force",
    );
  }

  #warnOfEnds(): void {
    const { files, logger, now } = this.#options;
    this.#warnedMs = now();
    for (const { hasEnded, ...fields } of endingCertificates(files, this.#current, this.#warnedMs)) {
      const message = hasEnded
        ? "a certificate has ended, and clients refuse it or are refused; renew its file"
        : "a certificate ends within 7 days; renew its file";
      logger.warn({ code: "TLS_CERTIFICATE_ENDS", ...fields }, message);
    }
  }
}
