import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { appendFileSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary-folder.ts";

const execute = promisify(execFile);

/** Returns why certificates cannot be made here; undefined if they can. */
export function whyNoOpenssl(): string | undefined {
  return spawnSync("openssl", ["version"]).status === 0 ? undefined : "install openssl";
}

/** Runs openssl in a folder. Rejects with its complaint. */
export async function openssl(folder: string, ...args: readonly string[]): Promise<string> {
  return (await execute("openssl", args, { cwd: folder })).stdout;
}

/** A certificate in files. */
export interface CertificateFiles {
  /** The certificate, PEM. */
  readonly certificate: string;
  /** Its key, PEM. */
  readonly key: string;
  /** Serial number, in the capital hexadecimal digits of openssl. */
  readonly serial: string;
}

interface CertificateWishes {
  /** Names of files and the common name. */
  readonly name: string;
  /** Days from now to its end; negative: it has ended. Default: 30. */
  readonly days?: number;
  /** Subject alternative names, as openssl writes them. */
  readonly names?: string;
}

/** An authority that issues certificates with openssl, in a folder of its own. */
export class CertificateAuthority implements Disposable {
  readonly #folder = temporaryFolder();
  #issued = 0;

  private constructor() {}

  static async create(name = "authority"): Promise<CertificateAuthority> {
    const authority = new CertificateAuthority();
    const subject = ["-subj", `/CN=${name}`, "-days", "3650"];
    const files = ["-keyout", "ca.key", "-out", "ca.pem"];
    await openssl(authority.folder, "req", "-x509", ...newKey, ...subject, ...files);
    return authority;
  }

  get folder(): string {
    return this.#folder.path;
  }

  /** File of the authority's certificate. */
  get file(): string {
    return join(this.folder, "ca.pem");
  }

  /** PEM text of the authority's certificate. */
  get certificate(): string {
    return readFileSync(this.file, "utf8");
  }

  /** Issues a certificate of a server for `localhost` and 127.0.0.1. */
  server(wishes: Partial<CertificateWishes> = {}): Promise<CertificateFiles> {
    return this.#issue({ name: "server", names: "DNS:localhost,IP:127.0.0.1", ...wishes }, "serverAuth");
  }

  /** Issues a certificate of a client. */
  client(wishes: Partial<CertificateWishes> = {}): Promise<CertificateFiles> {
    return this.#issue({ name: "client", ...wishes }, "clientAuth");
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  async #issue({ name, names, days = 30 }: CertificateWishes, usage: string): Promise<CertificateFiles> {
    this.#issued += 1;
    const { folder } = this;
    // Neither negative nor with a leading zero, which openssl would leave out.
    const serial = `4${randomBytes(8).toString("hex").slice(1)}`.toUpperCase();
    const file = `${name}-${this.#issued}`;
    const extensions = [`extendedKeyUsage=${usage}`, ...(names === undefined ? [] : [`subjectAltName=${names}`])];
    writeFileSync(join(folder, `${file}.ext`), extensions.join("\n"));
    await openssl(folder, "req", ...newKey, "-subj", `/CN=${name}`, "-keyout", `${file}.key`, "-out", `${file}.csr`);
    const authority = ["-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", `0x${serial}`];
    const files = ["-in", `${file}.csr`, "-extfile", `${file}.ext`, "-out", `${file}.pem`];
    await openssl(folder, "x509", "-req", ...authority, "-days", `${days}`, ...files);
    // As a server's file should be: its own certificate, then its issuer's.
    appendFileSync(join(folder, `${file}.pem`), this.certificate);
    return { certificate: join(folder, `${file}.pem`), key: join(folder, `${file}.key`), serial };
  }
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Replaces a file at once by another's content, as tools that renew certificates do. */
export function replaceFile(file: string, by: string): void {
  writeFileSync(`${file}.next`, readFileSync(by));
  renameSync(`${file}.next`, file);
}
