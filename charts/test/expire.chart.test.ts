import { type KubernetesObject, notesOf, renderChart, type Values } from "@activity-events/testing/render-chart";
import { describe, expect, test } from "@jest/globals";

const accessFile = `
tokens:
  - { name: ops, sha256: "${"0a".repeat(32)}" }
bindings:
  - { role: admin, members: ["token:ops"] }
`;
const retentionDays = { "*": 90, production: 730 };
const values: Values = {
  store: "firestore",
  googleCloudProject: "my-project",
  access: "file",
  accessFile,
  tls: { secretName: "tls" },
  retentionDays,
  expire: { noOlderInstances: true, tokenSecretName: "admin-token" },
};

describe("retention", () => {
  const { objects } = renderChart(values);
  const job = objects.find(({ kind }) => kind === "CronJob");
  const pod = job.spec.jobTemplate.spec.template;
  const [container] = pod.spec.containers;
  const named = (all: readonly KubernetesObject[], kind: string, name: string) =>
    all.find((object) => object.kind === kind && object.metadata.name === name);

  test("is for ever unless asked for", () => {
    expect(renderChart().text).not.toMatch(/RETENTION_DAYS|expire/);
    expect(renderChart({ ...values, retentionDays: {} }).text).not.toMatch(/RETENTION_DAYS|CronJob/);
  });

  test("is told to a running service, which needs no new pods for a change", () => {
    const workload = (days: object) =>
      named(renderChart({ ...values, retentionDays: days }).objects, "Deployment", "log-activity-events");

    expect(named(objects, "ConfigMap", "log-activity-events").data["config.yaml"]).toContain(
      "RETENTION_DAYS: '*=90, production=730'",
    );
    expect(workload({ staging: 7 })).toEqual(workload(retentionDays));
  });

  test("is the service's own work on sqlite", () => {
    const embedded = renderChart({ retentionDays });

    expect(embedded.objects.map(({ kind }) => kind)).not.toContain("CronJob");
    expect(embedded.text).toContain("RETENTION_DAYS: '*=90, production=730'");
  });

  test("is a daily job on firestore, one at a time, which goes on after a failure", () => {
    expect(job.metadata.name).toBe("log-activity-events-expire");
    expect(job.spec).toMatchObject({ schedule: "17 3 * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid" });
    expect(job.spec.jobTemplate.spec.backoffLimit).toBe(3);
    expect(pod.spec.restartPolicy).toBe("Never");
  });

  test("is the image's client with the token of an admin, and without a word that nobody gave", () => {
    const service = named(objects, "Deployment", "log-activity-events").spec.template.spec;

    expect(container.command).toEqual(["/usr/local/bin/node", "/app/client/activity_client.cjs"]);
    expect(container.args).toEqual([
      ...["--address", "log-activity-events:50051", "--ca-file", "/service-ca/ca.crt", "--token-file", "/token/token"],
      ...["expire", "--yes", "--no-older-instances"],
    ]);
    expect(pod.spec.volumes).toContainEqual({
      name: "token",
      secret: { secretName: "admin-token", items: [{ key: "token", path: "token" }] },
    });
    expect(container.volumeMounts.map(({ mountPath }: KubernetesObject) => mountPath)).toEqual([
      "/service-ca",
      "/token",
    ]);
    expect(container.image).toBe(service.containers[0].image);
    expect(container.securityContext).toEqual(service.containers[0].securityContext);
    expect(pod.spec.securityContext).toEqual(service.securityContext);
    expect(pod.spec).not.toHaveProperty("serviceAccountName");
  });

  test("may purge with the certificate of an admin, too", () => {
    const tls = { secretName: "tls", clientSecretName: "caller" };
    const rendered = renderChart({ ...values, tls, expire: { noOlderInstances: true } });
    const { args } = rendered.objects.find(({ kind }) => kind === "CronJob").spec.jobTemplate.spec.template.spec
      .containers[0];

    expect(args).toEqual(expect.arrayContaining(["--client-cert", "/client-certificate/tls.crt"]));
    expect(args).not.toContain("--token-file");
  });

  test("reaches names and the service alone, which lets it in whoever else may call", () => {
    const from = [{ podSelector: { matchLabels: { app: "ci" } } }];
    const closed = renderChart({ ...values, networkPolicy: { from } }).objects;
    const policy = named(closed, "NetworkPolicy", "log-activity-events-expire");
    const ofService = named(closed, "NetworkPolicy", "log-activity-events");

    expect(
      policy.spec.egress.flatMap(({ ports }: KubernetesObject) => ports.map(({ port }: KubernetesObject) => port)),
    ).toEqual([53, 53, 50_051]);
    expect(policy.spec.ingress).toEqual([]);
    expect(pod.metadata.labels).toMatchObject(policy.spec.podSelector.matchLabels);
    expect(pod.metadata.labels).toMatchObject(ofService.spec.ingress[0].from.at(-1).podSelector.matchLabels);
    expect(pod.metadata.labels["app.kubernetes.io/component"]).not.toBe("service");
  });

  test("has a name that a CronJob may have, whatever the chart's is", () => {
    const long = renderChart(values, { release: "r".repeat(53) });

    expect(long.objects.find(({ kind }) => kind === "CronJob").metadata.name).toHaveLength(52);
  });

  test("is told by the notes, with the command that lists what would go", () => {
    expect(notesOf(values)).toMatch(
      /after their last event: \*=90, production=730[.].*activity_client --ca-file ca.crt --token-file token expire --dry-run$/ms,
    );
    expect(notesOf({ retentionDays })).toMatch(/activity_client expire --dry-run$/m);
  });
});
