import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateAuthority, openssl, replaceFile } from "@activity-events/testing/certificate-authority";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { ActivityEventsClient } from "../../src/activity-events-client.ts";
import { readServiceSettings } from "../../src/security/read-service-settings.ts";
import { type ServiceFiles, serviceFiles } from "../../src/security/service-files.ts";

afterEach(cleanUp);

async function startMutual(authority: CertificateAuthority, port = 0) {
  const { certificate, key } = await authority.server();
  const environment = {
    STORE: "memory",
    TLS_CERT_FILE: certificate,
    TLS_KEY_FILE: key,
    TLS_CLIENT_CA_FILE: authority.file,
  };
  return startService({ dataDir: temporaryFolder().path, port, environment });
}

test("a client shows its certificate, and a renewed one with its next connection", async () => {
  using authority = await CertificateAuthority.create();
  const first = await startMutual(authority);
  const address = `localhost:${first.port}`;
  const ended = await authority.client({ days: -1 });
  const good = await authority.client();
  const [clientCertFile, clientKeyFile] = [join(authority.folder, "own.pem"), join(authority.folder, "own.key")];
  copyFileSync(good.certificate, clientCertFile);
  copyFileSync(good.key, clientKeyFile);
  const files = serviceFiles({ caFile: authority.file, clientCertFile, clientKeyFile });
  const client = new ActivityEventsClient({ address, tls: true, ...files });

  const before = await client.checkHealth();
  replaceFile(clientCertFile, ended.certificate);
  replaceFile(clientKeyFile, ended.key);
  const sameConnection = await client.checkHealth();
  await first.kill();
  await startMutual(authority, first.port);
  const withEnded = client.connect({ timeoutMs: 2_000 });
  await expect(withEnded).rejects.toMatchObject({ code: "UNAVAILABLE" });
  replaceFile(clientCertFile, good.certificate);
  replaceFile(clientKeyFile, good.key);
  await client.connect();
  const after = await client.checkHealth();
  client.close();

  expect([before, sameConnection, after]).toEqual(["SERVING", "SERVING", "SERVING"]);
});

test("variables that name files reach a service over mutual TLS", async () => {
  using authority = await CertificateAuthority.create();
  const { port } = await startMutual(authority);
  const { certificate, key } = await authority.client();
  const { service, faults } = readServiceSettings({
    ACTIVITY_ADDRESS: `localhost:${port}`,
    ACTIVITY_CA_FILE: authority.file,
    ACTIVITY_CLIENT_CERT_FILE: certificate,
    ACTIVITY_CLIENT_KEY_FILE: key,
  });
  const client = new ActivityEventsClient(service);

  const health = await client.checkHealth();
  client.close();

  expect([faults, health]).toEqual([[], "SERVING"]);
});

test("a file that cannot be used is named with its fault, and never its content", async () => {
  using authority = await CertificateAuthority.create();
  const { certificate, key } = await authority.client();
  const another = await authority.client();
  const file = (name: string) => join(authority.folder, name);
  await openssl(authority.folder, "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", "encrypted.key");
  writeFileSync(file("text"), "hello");
  writeFileSync(file("empty"), " \n");
  writeFileSync(file("words"), "very secret");
  const fault = (files: ServiceFiles) => {
    try {
      serviceFiles(files);
      return "none";
    } catch (error) {
      return (error as Error).message.replaceAll(`${authority.folder}/`, "");
    }
  };
  const name = (path: string) => path.replace(`${authority.folder}/`, "");
  const clientCertFile = certificate;

  const faults = [
    fault({ caFile: file("none.pem") }),
    fault({ caFile: authority.folder }),
    fault({ caFile: file("text") }),
    fault({ clientCertFile }),
    fault({ clientKeyFile: key }),
    fault({ clientCertFile, clientKeyFile: another.key }),
    fault({ clientCertFile, clientKeyFile: file("encrypted.key") }),
    fault({ clientCertFile, clientKeyFile: file("text") }),
    fault({ tokenFile: file("empty") }),
    fault({ tokenFile: file("words") }),
    fault({ tokenFile: file("none") }),
  ];

  expect(faults).toEqual([
    "none.pem does not exist",
    `${authority.folder} is a folder`,
    "text holds no certificate in PEM form",
    `is missing: ${name(certificate)} needs the file of its key`,
    `is missing: ${name(key)} needs the file of its certificate`,
    `${name(another.key)} does not fit the certificate in ${name(certificate)}`,
    "encrypted.key is encrypted; openssl pkey -in FILE -out FILE decrypts it",
    "text holds no private key in PEM form",
    "empty is empty",
    "words holds more than one token: white space, or other than ASCII",
    "none does not exist",
  ]);
});

test("variables at fault are named, each with its remedy", () => {
  using folder = temporaryFolder();
  const token = join(folder.path, "token");
  writeFileSync(token, "t");

  const far = readServiceSettings({ ACTIVITY_ADDRESS: "events.example.com:80", ACTIVITY_TOKEN_FILE: token });
  const near = readServiceSettings({ ACTIVITY_TOKEN_FILE: token });
  const secure = readServiceSettings({ ACTIVITY_ADDRESS: "https://events.example.com", ACTIVITY_TOKEN_FILE: token });
  const gone = readServiceSettings({ ACTIVITY_ADDRESS: "/", ACTIVITY_TOKEN_FILE: `${token}.old` });

  expect(far.faults).toEqual([expect.stringMatching(/^ACTIVITY_TOKEN_FILE needs TLS, except to this machine: /)]);
  expect([near.faults, secure.faults]).toEqual([[], []]);
  expect(gone.faults).toEqual([
    'ACTIVITY_ADDRESS must be HOST:PORT or https://HOST; found "/"',
    `ACTIVITY_TOKEN_FILE ${token}.old does not exist`,
  ]);
});
