import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { CertificateAuthority } from "@activity-events/testing/certificate-authority";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { expect, test } from "@jest/globals";

const execute = promisify(execFile);

test("gRPC's own core in Python reaches the service over mutual TLS, and not without its certificate", async () => {
  using authority = await CertificateAuthority.create();
  const [server, own] = await Promise.all([authority.server(), authority.client()]);
  await using service = new ServiceProcess({
    environment: {
      TLS_CERT_FILE: server.certificate,
      TLS_KEY_FILE: server.key,
      TLS_CLIENT_CA_FILE: authority.file,
    },
  });
  const { address } = await service.line(({ message }) => message === "listening");
  const target = `${address}`.replace("127.0.0.1", "localhost");
  const check = async (...files: readonly string[]) => {
    const script = join(import.meta.dirname, "tls-client.py");
    const { stdout } = await execute(process.env.PYTHON ?? "python3", [script, target, authority.file, ...files]);
    return stdout.trim();
  };

  // Status SERVING of a HealthCheckResponse.
  expect(await check(own.certificate, own.key)).toBe("0801");
  expect(await check()).toBe("UNAVAILABLE");
});
