import { readFileSync } from "node:fs";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { CertificateAuthority, type CertificateFiles } from "@activity-events/testing/certificate-authority";
import { ServiceClient } from "@activity-events/testing/service-client";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type GuardedService, startGuarded } from "./guarded-service.ts";
import { refusalOf } from "./read-refusal.ts";

const { method } = ActivityEventsService;
const rules = `bindings:
  - {role: admin, members: [certificate:root]}
  - {role: editor, members: ["certificate:spiffe://acme.example/ci"], prefixes: [ci-]}
  - {role: reader, members: [certificate:ci.acme.example]}
`;

let authority: CertificateAuthority;
let service: GuardedService;
beforeAll(async () => {
  authority = await CertificateAuthority.create();
  const { certificate, key } = await authority.server();
  service = await startGuarded(rules, {
    TLS_CERT_FILE: certificate,
    TLS_KEY_FILE: key,
    TLS_CLIENT_CA_FILE: authority.file,
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
});

function clientOf(own: CertificateFiles): ServiceClient {
  const roots = readFileSync(authority.file);
  const security = credentials.createSsl(roots, readFileSync(own.key), readFileSync(own.certificate));
  return new ServiceClient(service.address.replace("127.0.0.1", "localhost"), {}, security);
}

async function create(deploymentId: string, own: CertificateFiles): Promise<string | undefined> {
  const client = clientOf(own);
  try {
    return (await client.call(method.createEvent, { event: { deploymentId, message: "m" } })).event?.principal;
  } finally {
    client.close();
  }
}

test("a client certificate names its caller by its URI, and each of its names may be a member", async () => {
  const own = await authority.client({ name: "ci", names: "DNS:ci.acme.example,URI:spiffe://acme.example/ci" });

  expect(await create("ci-1", own)).toBe("certificate:spiffe://acme.example/ci");
  expect(await refusalOf(create("other-1", own))).toMatchObject({ code: "PERMISSION_DENIED" });
});

test("a client certificate without alternative names names its caller by its common name", async () => {
  expect(await create("other-1", await authority.client({ name: "root" }))).toBe("certificate:root");
});

test.each([
  ["a common name", { name: "x, DNS:ci.acme.example" }],
  ["an alternative name", { name: "y", names: "@names\n[names]\nDNS.1 = y, DNS:ci.acme.example" }],
])("%s that holds another name is not that one", async (_, wishes) => {
  const own = await authority.client(wishes);

  const read = clientOf(own);
  const refusal = await refusalOf(read.call(method.getDeployment, { deploymentId: "ci-1" }));
  read.close();

  expect(refusal).toMatchObject({ reason: expect.stringMatching(/^(PERMISSION_DENIED|CREDENTIALS_INVALID)$/) });
});
