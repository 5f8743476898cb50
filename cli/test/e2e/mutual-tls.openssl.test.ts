import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority, type CertificateFiles } from "@activity-events/testing/certificate-authority";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { endClients, runClient } from "./running-client.ts";

let authority: CertificateAuthority;
let other: CertificateAuthority;

beforeAll(async () => {
  [authority, other] = await Promise.all([CertificateAuthority.create("ours"), CertificateAuthority.create("other")]);
});
afterEach(async () => {
  endClients();
  await cleanUp();
  // Its folder went with the others'.
  [authority, other] = await Promise.all([CertificateAuthority.create("ours"), CertificateAuthority.create("other")]);
});
afterAll(() => {
  authority[Symbol.dispose]();
  other[Symbol.dispose]();
});

const call = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  runClient({ args, environment });
const show = ({ certificate, key }: CertificateFiles) => ["--client-cert", certificate, "--client-key", key];

/** A service over TLS, which demands certificates of clients unless said otherwise. */
async function start(server: CertificateFiles, { clientCertificates = true } = {}) {
  const clientCa: Record<string, string> = clientCertificates ? { TLS_CLIENT_CA_FILE: authority.file } : {};
  const { port } = await startService({
    dataDir: temporaryFolder().path,
    environment: { STORE: "memory", TLS_CERT_FILE: server.certificate, TLS_KEY_FILE: server.key, ...clientCa },
  });
  return { address: `localhost:${port}` };
}

test("a client with a certificate is served; others are told what is wrong with theirs", async () => {
  const { address } = await start(await authority.server());
  const [own, ended, foreign] = await Promise.all([authority.client(), authority.client({ days: -1 }), other.client()]);
  const trusting = ["--ca-file", authority.file, "--address", address];

  const served = await call([...trusting, ...show(own), "add", "--deployment-id", "d", "--message", "m"]);
  const results = await Promise.all([
    call([...trusting, "health"]),
    call([...trusting, ...show(ended), "health"]),
    call([...trusting, ...show(foreign), "health"]),
    call(["--address", address, "health"]),
    call([...trusting, "--client-cert", own.certificate, "health"]),
    call([...trusting, "--client-cert", own.certificate, "--client-key", ended.key, "health"]),
  ]);

  expect(served).toMatchObject({ exitCode: 0, errors: "" });
  expect(results.map(({ exitCode }) => exitCode)).toEqual([5, 5, 5, 5, 2, 2]);
  expect(results.map(({ errors }) => errors.replace("activity_client: ", "").trimEnd())).toEqual([
    `UNAVAILABLE: the service at ${address} demands a client certificate; give one with --client-cert FILE and --client-key FILE.`,
    `UNAVAILABLE: the service at ${address} refuses the certificate of --client-cert, which has expired; renew it.`,
    `UNAVAILABLE: the service at ${address} refuses the certificate of --client-cert; give one that an authority of the service has signed for clients.`,
    `UNAVAILABLE: the server at ${address} expects TLS and this client used none; add --tls before the command.`,
    `--client-key is missing: ${own.certificate} needs the file of its key.`,
    `--client-key ${ended.key} does not fit the certificate in ${own.certificate}.`,
  ]);
});

test("says what is wrong with the service's certificate", async () => {
  const plainTls = { clientCertificates: false };
  const [expired, named, unknown] = await Promise.all([
    start(await authority.server({ days: -1 }), plainTls),
    start(await authority.server({ names: "DNS:events.example.com" }), plainTls),
    start(await other.server(), plainTls),
  ]);
  const health = async ({ address }: { readonly address: string }) => {
    const { errors } = await call(["--ca-file", authority.file, "--address", address, "health"]);
    return errors.replace("activity_client: UNAVAILABLE: ", "").replace(address, "ADDRESS").trimEnd();
  };

  expect(await Promise.all([health(expired), health(named), health(unknown)])).toEqual([
    "the certificate of ADDRESS has expired; renew it.",
    "the certificate of ADDRESS is for another name; use the name that it is for.",
    "no certificate in --ca-file signs the one of ADDRESS; give the file of its authority.",
  ]);
});

test("a context keeps the files by their absolute paths", async () => {
  const { address } = await start(await authority.server());
  const own = await authority.client();
  const config = temporaryFolder().path;
  const environment = { XDG_CONFIG_HOME: config };
  const folder = temporaryFolder().path;
  copyFileSync(own.certificate, join(folder, "own.pem"));
  copyFileSync(own.key, join(folder, "own.key"));
  const launcher = (command: readonly string[]) => ["env", "-C", folder, ...command];
  const args = ["--client-cert", "own.pem", "--client-key", "own.key", "--ca-file", authority.file];

  const added = await runClient({
    args: ["context", "add", "mine", "--address", address, ...args],
    launcher,
    environment,
  });
  const served = await call(["--context", "mine", "health"], environment);
  const kept = JSON.parse(readFileSync(join(config, "activity-events", "contexts.json"), "utf8"));

  expect(added.exitCode).toBe(0);
  expect(served).toEqual({ exitCode: 0, output: "SERVING\n", errors: "" });
  expect(kept.contexts.mine).toEqual({
    address,
    caFile: authority.file,
    clientCert: join(folder, "own.pem"),
    clientKey: join(folder, "own.key"),
  });
});
