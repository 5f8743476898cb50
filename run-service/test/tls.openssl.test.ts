import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import {
  CertificateAuthority,
  type CertificateFiles,
  openssl,
  replaceFile,
} from "@activity-events/testing/certificate-authority";
import { ServiceClient } from "@activity-events/testing/service-client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { isFrame } from "./frame-in-words.ts";
import { newDeploymentId, newEvent } from "./new-event.ts";

const { createEvent, streamEvents } = ActivityEventsService.method;

let authority: CertificateAuthority;
let clients: CertificateAuthority;
let server: CertificateFiles;

beforeAll(async () => {
  [authority, clients] = await Promise.all([
    CertificateAuthority.create("authority of the service"),
    CertificateAuthority.create("authority of its clients"),
  ]);
  server = await authority.server();
});
afterAll(() => {
  authority[Symbol.dispose]();
  clients[Symbol.dispose]();
});

interface SecureService extends AsyncDisposable {
  readonly process: ServiceProcess;
  /** `localhost:port`, the name of the certificates. */
  readonly address: string;
  readonly port: number;
  readonly listening: Readonly<Record<string, unknown>>;
}

async function startSecure(environment: Readonly<Record<string, string>> = {}): Promise<SecureService> {
  const { certificate, key } = server;
  const process = new ServiceProcess({
    environment: { TLS_CERT_FILE: certificate, TLS_KEY_FILE: key, ...environment },
  });
  const listening = await process.line(({ message }) => message === "listening");
  const port = Number(/\d+$/.exec(String(listening.address))?.[0]);
  return {
    process,
    port,
    listening,
    address: `localhost:${port}`,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

function clientOf({ address }: SecureService, own?: CertificateFiles): ServiceClient {
  const roots = readFileSync(authority.file);
  const security =
    own === undefined
      ? credentials.createSsl(roots)
      : credentials.createSsl(roots, readFileSync(own.key), readFileSync(own.certificate));
  return new ServiceClient(address, {}, security);
}

/** What openssl says of one connection. */
interface Handshake {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Connects with openssl, reads what comes for a moment, and leaves. */
async function handshake({ port }: SecureService, ...args: readonly string[]): Promise<Handshake> {
  const verify = ["-CAfile", authority.file, "-verify_return_error", "-verify_hostname", "localhost"];
  const child = spawn("openssl", ["s_client", "-connect", `127.0.0.1:${port}`, ...verify, ...args]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  // What comes behind the handshake, such as an alert of TLS 1.3, comes before the first frame of HTTP/2 or in its place.
  child.stdin.on("error", () => {});
  child.stdin.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  child.stdin.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
  let isOver = false;
  const ended = once(child, "close").finally(() => {
    isOver = true;
  });
  await until(() => isOver || output.includes("\u0000"), "a frame of HTTP/2 or the end comes");
  child.stdin.end();
  child.kill("SIGTERM");
  const [exitCode] = await ended;
  return { exitCode, output };
}

describe("a service with a certificate", () => {
  test.concurrent("speaks HTTP/2 over TLS 1.2 and 1.3, says so, and has a certificate that openssl verifies", async () => {
    await using service = await startSecure();

    const [newest, older] = await Promise.all([
      handshake(service, "-alpn", "h2"),
      handshake(service, "-alpn", "h2", "-tls1_2"),
    ]);

    expect(service.listening).toMatchObject({ security: "tls" });
    for (const { output } of [newest, older]) {
      expect(output).toContain("Verification: OK");
      expect(output).toContain("ALPN protocol: h2");
    }
    expect(newest.output).toMatch(/New, TLSv1\.3, Cipher is TLS_/);
    expect(older.output).toMatch(/New, TLSv1\.2, Cipher is ECDHE-ECDSA-/);
  });

  test.concurrent("refuses TLS 1.1, and another protocol than HTTP/2", async () => {
    await using service = await startSecure();

    const old = await handshake(service, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-alpn", "h2");
    const other = await handshake(service, "-alpn", "http/1.1");

    expect(old.output).toMatch(/alert protocol version|unsupported protocol/);
    expect(other.output).toContain("no application protocol");
  });

  test.concurrent("refuses plain text", async () => {
    await using service = await startSecure();
    const plain = new ServiceClient(`127.0.0.1:${service.port}`);

    await expect(plain.call(createEvent, { event: newEvent() })).rejects.toMatchObject({ code: 14 });
    plain.close();
  });

  test.concurrent("ends a client that does not complete the handshake after 10 s", async () => {
    await using service = await startSecure();
    const startMs = performance.now();
    const socket = connect(service.port, "127.0.0.1").on("error", () => {});
    await once(socket, "connect");

    await once(socket.resume(), "close");

    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThan(9_000);
    expect(tookMs).toBeLessThan(30_000);
  });

  test.concurrent("on the network no longer warns of a lack of TLS", async () => {
    await using service = await startSecure({ HOST: "0.0.0.0", ACCESS: "open" });
    await using mutual = await startSecure({ HOST: "0.0.0.0", ACCESS: "open", TLS_CLIENT_CA_FILE: clients.file });

    const warnings = service.process.log.filter(({ severity }) => severity === "WARNING");
    expect(warnings).toMatchObject([{ message: expect.stringContaining("may do everything") }]);
    expect(warnings.map(({ message }) => message).join()).not.toContain("without TLS");
    expect(mutual.process.log.map(({ severity }) => severity)).toEqual(["INFO"]);
  });
});

describe("a service that demands client certificates", () => {
  test.concurrent("serves a client that has one, and refuses one that has none, by TLS itself", async () => {
    await using service = await startSecure({ TLS_CLIENT_CA_FILE: clients.file });
    const client = clientOf(service, await clients.client());

    const recorded = await client.call(createEvent, { event: newEvent() });
    client.close();
    const [newest, older] = await Promise.all([
      handshake(service, "-alpn", "h2"),
      handshake(service, "-alpn", "h2", "-tls1_2"),
    ]);

    expect(service.listening).toMatchObject({ security: "mutual-tls" });
    expect(recorded.event?.sequence).toBe(1n);
    expect(newest.output).toContain("alert certificate required");
    expect(older.output).toContain("alert handshake failure");
  });

  test.concurrent.each([
    ["has ended", () => clients.client({ days: -1 })],
    ["is of another authority", () => authority.client()],
    ["is one of a server", () => clients.server()],
  ])("refuses a client whose certificate %s", async (_, issue) => {
    await using service = await startSecure({ TLS_CLIENT_CA_FILE: clients.file });
    const client = clientOf(service, await issue());

    const call = client.call(createEvent, { event: newEvent() }, { timeoutMs: 20_000 });

    await expect(call).rejects.toMatchObject({ code: 14 });
    client.close();
  });
});

describe("certificates that change while the service runs", () => {
  /** A service whose files the test may replace, by way of a swapped symlink, as Kubernetes does. */
  async function startReplaceable(wishes: { readonly days?: number } = {}) {
    const folder = temporaryFolder();
    const [cert, key, ca] = ["tls.crt", "tls.key", "ca.crt"].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    const first = await authority.server(wishes);
    copyFileSync(first.certificate, cert);
    copyFileSync(first.key, key);
    copyFileSync(clients.file, ca);
    const service = await startSecure({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key, TLS_CLIENT_CA_FILE: ca });
    const own = await clients.client();
    const line = (code: string) => service.process.line((line) => line.code === code);
    return {
      ...{ service, own, first, cert, key, ca },
      lines: (code: string) => service.process.log.filter((line) => line.code === code),
      line,
      shown: async () => {
        const { output } = await handshake(service, "-alpn", "h2", "-cert", own.certificate, "-key", own.key);
        const file = join(folder.path, "shown.pem");
        writeFileSync(file, /-----BEGIN.*?END CERTIFICATE-----\n/s.exec(output)?.[0] ?? "");
        return (await openssl(folder.path, "x509", "-in", file, "-noout", "-serial")).trim();
      },
      [Symbol.asyncDispose]: async () => {
        await service[Symbol.asyncDispose]();
        folder[Symbol.dispose]();
      },
    };
  }

  test.concurrent("an open stream goes on over a renewal, and new connections get the new certificate", async () => {
    await using started = await startReplaceable();
    const { service, own, first, cert, key, shown, line } = started;
    const client = clientOf(service, own);
    const deploymentId = newDeploymentId();
    const stream = client.stream(streamEvents, { deploymentId, follow: true });
    await stream.until(isFrame("caughtUp"));
    const before = await shown();
    const second = await authority.server();

    replaceFile(cert, second.certificate);
    replaceFile(key, second.key);
    let recorded = 0;
    const recording = new AbortController();
    const writes = (async () => {
      while (!recording.signal.aborted) {
        await client.call(createEvent, { event: newEvent({ deploymentId }) });
        recorded += 1;
      }
    })();
    const read = await line("TLS_READ");
    const after = await shown();
    recording.abort();
    await writes;
    let received = 0n;
    while (received < recorded) {
      const { frame } = await stream.next();
      if (frame.case !== "events") continue;
      for (const { sequence } of frame.value.events) {
        expect(sequence).toBe(received + 1n);
        received = sequence;
      }
    }
    stream.cancel();
    client.close();

    expect([before, after]).toEqual([`serial=${first.serial}`, `serial=${second.serial}`]);
    expect(read).toMatchObject({ severity: "INFO", serial: second.serial, subject: "CN=server" });
    expect(started.lines("TLS_REFUSED")).toEqual([]);
  });

  test.concurrent("a bad pair is refused with its reason, and the old one stays in force until a good one comes", async () => {
    await using started = await startReplaceable();
    const { first, cert, key, shown, line } = started;
    const second = await authority.server();

    replaceFile(cert, second.certificate);
    const refused = await line("TLS_REFUSED");
    const meanwhile = await shown();
    replaceFile(key, second.key);
    await line("TLS_READ");

    expect(refused).toMatchObject({
      severity: "ERROR",
      faults: [
        `TLS_KEY_FILE ${key} does not fit the certificate in TLS_CERT_FILE ${cert}; give the key that it was made with`,
      ],
    });
    expect(meanwhile).toBe(`serial=${first.serial}`);
    expect(await shown()).toBe(`serial=${second.serial}`);
  });

  test.concurrent("clients of a removed authority are refused from then on, also with a session of before", async () => {
    await using started = await startReplaceable();
    const { service, own, ca, line } = started;
    const ofBefore = ["-alpn", "h2", "-cert", own.certificate, "-key", own.key];
    const session = `${own.key}.session`;
    await handshake(service, ...ofBefore, "-sess_out", session);
    const resumed = await handshake(service, ...ofBefore, "-sess_in", session);

    replaceFile(ca, authority.file);
    await line("TLS_READ");
    const refused = await handshake(service, ...ofBefore, "-sess_in", session);
    const client = clientOf(service, own);
    const call = client.call(createEvent, { event: newEvent() }, { timeoutMs: 20_000 });

    await expect(call).rejects.toMatchObject({ code: 14 });
    client.close();
    // A session that vouched for a client certificate could be resumed when that has ended.
    expect(resumed.output).not.toContain("Reused");
    expect(refused.output).not.toContain("Reused");
  });

  test.concurrent("one that ends within 7 days, or has ended, is warned of at the start", async () => {
    await using soon = await startReplaceable({ days: 6 });
    await using ended = await startReplaceable({ days: -1 });
    await using later = await startReplaceable({ days: 9 });

    const [warning] = soon.lines("TLS_CERTIFICATE_ENDS");
    expect(warning).toMatchObject({
      severity: "WARNING",
      setting: "TLS_CERT_FILE",
      file: soon.cert,
      serial: soon.first.serial,
    });
    expect(warning?.message).toContain("within 7 days");
    expect(ended.lines("TLS_CERTIFICATE_ENDS")).toMatchObject([{ message: expect.stringContaining("has ended") }]);
    expect(later.lines("TLS_CERTIFICATE_ENDS")).toEqual([]);
  });
});

describe("files of TLS that the service refuses at its start, with exit code 2", () => {
  async function errorsOf(environment: Readonly<Record<string, string>>): Promise<readonly string[]> {
    await using service = new ServiceProcess({ environment });
    const { code } = await service.ended;
    expect([code, service.output]).toEqual([2, []]);
    return service.errors
      .split("\n")
      .slice(0, -1)
      .map((line) => line.replace("activity_server: ", ""));
  }

  test.concurrent("one without the other", async () => {
    const { certificate, key } = server;

    expect(await errorsOf({ TLS_CERT_FILE: certificate })).toEqual([
      "TLS_KEY_FILE must name the PEM file of the certificate's key when TLS_CERT_FILE is set",
    ]);
    expect(await errorsOf({ TLS_KEY_FILE: key })).toEqual([
      "TLS_CERT_FILE must name the PEM file of the service's certificate when TLS_KEY_FILE is set",
    ]);
    expect(await errorsOf({ TLS_CLIENT_CA_FILE: certificate })).toHaveLength(2);
  });

  test.concurrent("what is missing, no PEM, encrypted, of another certificate, or weak", async () => {
    using folder = temporaryFolder();
    const file = (name: string) => join(folder.path, name);
    const { certificate, key } = server;
    const another = await authority.server();
    await openssl(folder.path, "pkey", "-in", key, "-aes256", "-passout", "pass:secret", "-out", "encrypted.key");
    const weak = ["-newkey", "rsa:1024", "-nodes", "-subj", "/CN=weak", "-keyout", "weak.key", "-out", "weak.pem"];
    await openssl(folder.path, "req", "-x509", ...weak);
    writeFileSync(file("text"), "hello");
    writeFileSync(file("reversed.pem"), `${readFileSync(authority.file)}${readFileSync(certificate)}`);
    const errors = (TLS_CERT_FILE: string, TLS_KEY_FILE: string, more = {}) =>
      errorsOf({ TLS_CERT_FILE, TLS_KEY_FILE, ...more });

    expect(await errors(file("none.pem"), file("none.key"))).toEqual([
      `TLS_CERT_FILE ${file("none.pem")} does not exist`,
      `TLS_KEY_FILE ${file("none.key")} does not exist`,
    ]);
    expect(await errors(file("text"), file("text"), { TLS_CLIENT_CA_FILE: file("text") })).toEqual([
      `TLS_CERT_FILE ${file("text")} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`,
      `TLS_KEY_FILE ${file("text")} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)`,
      `TLS_CLIENT_CA_FILE ${file("text")} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`,
    ]);
    expect(await errors(certificate, file("encrypted.key"))).toEqual([
      `TLS_KEY_FILE ${file("encrypted.key")} is encrypted; decrypt it with openssl pkey -in FILE -out FILE`,
    ]);
    expect(await errors(certificate, another.key)).toEqual([
      `TLS_KEY_FILE ${another.key} does not fit the certificate in TLS_CERT_FILE ${certificate}; give the key that it was made with`,
    ]);
    expect(await errors(file("reversed.pem"), key)).toEqual([
      `TLS_KEY_FILE ${key} is the key of a later certificate in TLS_CERT_FILE ${file("reversed.pem")}; put that one first, its issuers below`,
    ]);
    expect(await errors(file("weak.pem"), file("weak.key"))).toEqual([
      expect.stringMatching(/^TLS_CERT_FILE .*weak\.pem is refused by OpenSSL \(.*key too small\); /),
    ]);
  });

  test.concurrent("on Cloud Run, which ends TLS itself", async () => {
    const { certificate, key } = server;
    const store = { STORE: "firestore", GOOGLE_CLOUD_PROJECT: "p", K_SERVICE: "s" };

    expect(await errorsOf({ ...store, TLS_CERT_FILE: certificate, TLS_KEY_FILE: key })).toEqual([
      expect.stringMatching(/^TLS_CERT_FILE must not be set on Cloud Run/),
    ]);
  });
});
