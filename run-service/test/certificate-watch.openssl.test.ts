import { copyFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority, type CertificateFiles } from "@activity-events/testing/certificate-authority";
import type { LogLine } from "@activity-events/testing/service-process";
import { until } from "@activity-events/testing/until";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pino from "pino";
import { type Certificates, checkCertificates, readCertificateFiles } from "../src/grpc/tls/certificate-files.ts";
import { CertificateWatch } from "../src/grpc/tls/certificate-watch.ts";

const dayMs = 86_400_000;

let authority: CertificateAuthority;
let count = 0;

beforeAll(async () => {
  authority = await CertificateAuthority.create();
});
afterAll(() => authority[Symbol.dispose]());

/** Watches files as Kubernetes mounts a Secret: links to `..data/NAME`, and `..data` a link to a folder of one version. */
async function watchMounted(first: CertificateFiles, { settleMs = 1 } = {}) {
  count += 1;
  const folder = join(authority.folder, `mounted-${count}`);
  mkdirSync(folder);
  let version = 0;
  const swap = ({ certificate, key }: CertificateFiles) => {
    version += 1;
    mkdirSync(join(folder, `..${version}`));
    copyFileSync(certificate, join(folder, `..${version}`, "tls.crt"));
    copyFileSync(key, join(folder, `..${version}`, "tls.key"));
    symlinkSync(`..${version}`, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  swap(first);
  for (const name of ["tls.crt", "tls.key"]) symlinkSync(join("..data", name), join(folder, name));
  const files = { certFile: join(folder, "tls.crt"), keyFile: join(folder, "tls.key"), clientCaFile: undefined };
  const log: LogLine[] = [];
  const renewed: Certificates[] = [];
  let nowMs = Date.now();
  let looks = 0;
  const watch = new CertificateWatch({
    files,
    certificates: checkCertificates(files, await readCertificateFiles(files)),
    renew: (certificates) => renewed.push(certificates),
    logger: pino({ messageKey: "message" }, { write: (line) => log.push(JSON.parse(line)) }),
    intervalMs: 5,
    settleMs,
    now: () => {
      looks += 1;
      return nowMs;
    },
  });
  return {
    ...{ swap, log, renewed, files, watch },
    pass: (ms: number) => {
      nowMs += ms;
    },
    logged: (lines: number) => until(() => log.length >= lines, `the log has ${lines} lines`),
    /** Waits for looks that began later than now. */
    lookedAgain: () => {
      const before = looks;
      return until(() => looks > before + 2, "the files are looked at again");
    },
    codes: () => log.map(({ code }) => code),
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

test("certificates that come by a swapped symlink are put in force once", async () => {
  const [first, second] = await Promise.all([authority.server(), authority.server()]);
  using watched = await watchMounted(first);

  watched.swap(second);
  await watched.logged(1);
  watched.swap(first);
  await watched.logged(2);

  expect(watched.codes()).toEqual(["TLS_READ", "TLS_READ"]);
  expect(watched.renewed.map(({ chain: [own] }) => own.serialNumber)).toEqual([second.serial, first.serial]);
});

test("files that go bad are refused once for each fault, and are good again without a word when they are as before", async () => {
  const [first, second] = await Promise.all([authority.server(), authority.server()]);
  using watched = await watchMounted(first);

  watched.swap({ ...second, key: first.key });
  await watched.logged(1);
  await watched.lookedAgain();
  watched.swap(first);
  await watched.lookedAgain();
  writeFileSync(watched.files.certFile, "");
  await watched.logged(2);
  watched.swap(second);
  await watched.logged(3);

  expect(watched.codes()).toEqual(["TLS_REFUSED", "TLS_REFUSED", "TLS_READ"]);
  expect(watched.renewed).toHaveLength(1);
});

test("a certificate and a key that are replaced one after the other are not refused in between", async () => {
  const [first, second] = await Promise.all([authority.server(), authority.server()]);
  using watched = await watchMounted(first, { settleMs: 500 });

  copyFileSync(second.certificate, watched.files.certFile);
  await new Promise((resolve) => setTimeout(resolve, 50));
  copyFileSync(second.key, watched.files.keyFile);
  await watched.logged(1);

  expect(watched.codes()).toEqual(["TLS_READ"]);
});

test("the end of a certificate is told a week before, daily, and no more once it is renewed", async () => {
  const [first, second] = await Promise.all([authority.server({ days: 30 }), authority.server({ days: 90 })]);
  using watched = await watchMounted(first);

  watched.pass(22 * dayMs);
  await watched.lookedAgain();
  const early = watched.log.length;
  watched.pass(1.5 * dayMs);
  await watched.logged(1);
  watched.pass(dayMs);
  await watched.logged(2);
  watched.pass(7 * dayMs);
  await watched.logged(3);
  watched.swap(second);
  await watched.logged(4);
  watched.pass(dayMs);
  watched.swap(first);
  await watched.logged(6);

  const ends = "TLS_CERTIFICATE_ENDS";
  expect(early).toBe(0);
  expect(watched.codes()).toEqual([ends, ends, ends, "TLS_READ", "TLS_READ", ends]);
  expect(watched.log.map(({ message }) => /has ended|within 7 days/.exec(message)?.[0])).toEqual([
    ...["within 7 days", "within 7 days", "has ended"],
    ...[undefined, undefined, "has ended"],
  ]);
});
