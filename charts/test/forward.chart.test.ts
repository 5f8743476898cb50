import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type KubernetesObject, notesOf, renderChart } from "@activity-events/testing/render-chart";
import { describe, expect, test } from "@jest/globals";

const slack = {
  name: "slack",
  to: "slack",
  secretName: "slack",
  secretKeys: ["FORWARD_URL"],
  flags: ["--type-prefix", "deployment.finished"],
};
const bus = { name: "bus", to: "pubsub:projects/p/topics/events", serviceAccountName: "publisher" };
const isForward = ({ kind, metadata }: KubernetesObject) =>
  kind === "StatefulSet" && metadata.name.includes("-forward-");

describe("forward", () => {
  const { objects } = renderChart({ forward: { targets: [slack, bus] } });
  const [ofSlack, ofBus] = objects.filter(isForward);
  const service = objects.find(
    ({ kind, metadata }) => kind === "StatefulSet" && metadata.name === "log-activity-events",
  );
  const policy = objects.find(({ metadata }) => metadata.name === "log-activity-events-forward");

  test("is off unless there are targets", () => {
    expect(renderChart().text).not.toContain("forward");
  });

  test("runs one pod for each target, with its cursor on a volume that outlives it", () => {
    expect(objects.filter(isForward).map(({ metadata }) => metadata.name)).toEqual([
      "log-activity-events-forward-slack",
      "log-activity-events-forward-bus",
    ]);
    for (const { spec } of [ofSlack, ofBus]) {
      const [{ volumeMounts }] = spec.template.spec.containers;
      expect(spec.replicas).toBe(1);
      expect(volumeMounts).toEqual([{ name: spec.volumeClaimTemplates[0].metadata.name, mountPath: "/data" }]);
      expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
    }
    expect(ofSlack.spec.template.metadata.labels).not.toMatchObject(ofBus.spec.selector.matchLabels);
  });

  test("runs the image's client with arguments that it takes, and the target's secrets from a Secret", () => {
    const [{ command, args, env, image }] = ofSlack.spec.template.spec.containers;
    const client = join(import.meta.dirname, "..", "..", "cli", "src", "main.ts");

    // The address is valid, and nothing listens there; the cursor comes into no folder that this machine has.
    const environment = { PATH: process.env.PATH, ACTIVITY_ADDRESS: "127.0.0.1:1", FORWARD_URL: "http://127.0.0.1:1" };
    const cursor = args.map((arg: string) => arg.replace("/data/", "/no-such-folder/"));
    const { stderr } = spawnSync(process.execPath, [client, ...cursor], { env: environment, encoding: "utf8" });

    expect(stderr).toMatch(/^activity_client: --cursor \/no-such-folder\/cursor: /);
    expect(image).toBe(service.spec.template.spec.containers[0].image);
    expect(command).toEqual(["/usr/local/bin/node", "/app/client/activity_client.cjs"]);
    expect(args).toEqual(["forward", "--to", "slack", "--cursor", "/data/cursor", ...slack.flags]);
    expect(env).toEqual([
      { name: "ACTIVITY_ADDRESS", value: "log-activity-events:50051" },
      { name: "FORWARD_URL", valueFrom: { secretKeyRef: { name: "slack", key: "FORWARD_URL" } } },
    ]);
  });

  test("may do nothing but compute, write its volume and speak; only the account that publishes is named", () => {
    const ofService = service.spec.template.spec;

    for (const { spec } of [ofSlack, ofBus]) {
      const pod = spec.template.spec;
      expect(pod.containers[0].securityContext).toEqual(ofService.containers[0].securityContext);
      expect(pod.securityContext).toEqual(ofService.securityContext);
      expect(pod.automountServiceAccountToken).toBe(false);
    }
    expect(ofSlack.spec.template.spec).not.toHaveProperty("serviceAccountName");
    expect(ofBus.spec.template.spec.serviceAccountName).toBe("publisher");
  });

  test("reaches names, the service and its targets, and for Pub/Sub the metadata server; nobody calls it", () => {
    const reached = (forward: object) =>
      renderChart({ forward })
        .objects.find(({ metadata }) => metadata.name === "log-activity-events-forward")
        .spec.egress.flatMap(({ ports }: KubernetesObject) => ports.map(({ port }: KubernetesObject) => port));

    expect(reached({ targets: [slack], ports: [443, 3000] })).toEqual([53, 53, 50_051, 443, 3_000]);
    expect(reached({ targets: [bus] })).toEqual([53, 53, 50_051, 443, 80, 988]);
    expect(policy.spec.ingress).toEqual([]);
    for (const { spec } of [ofSlack, ofBus]) {
      expect(spec.template.metadata.labels).toMatchObject(policy.spec.podSelector.matchLabels);
    }
  });

  test("is let in by the service, whoever else may call", () => {
    const from = [{ podSelector: { matchLabels: { app: "ci" } } }];
    const ofService = renderChart({ forward: { targets: [slack] }, networkPolicy: { from } }).objects.find(
      ({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "log-activity-events",
    );

    expect(ofSlack.spec.template.metadata.labels).toMatchObject(
      ofService.spec.ingress[0].from.at(-1).podSelector.matchLabels,
    );
  });

  test("has a name that a StatefulSet may have, whatever the chart's is", () => {
    const target = { ...slack, name: "a-name-of-16-ch0" };
    const long = renderChart({ forward: { targets: [target] } }, { release: "r".repeat(53) });

    expect(long.objects.find(isForward).metadata.name).toHaveLength(52);
  });

  test("is looked at as the notes say", () => {
    expect(notesOf({ forward: { targets: [slack] } })).toContain(
      "logs --follow statefulset/log-activity-events-forward-slack",
    );
  });

  test.each<[object, RegExp]>([
    [{ name: "Slack", to: "slack" }, /at '\/forward\/targets\/0\/name': 'Slack' does not match pattern/],
    [{ name: "a", to: "teams" }, /at '\/forward\/targets\/0\/to': 'teams' does not match pattern/],
    [{ name: "a", to: "pubsub:events" }, /at '\/forward\/targets\/0\/to': .* does not match pattern/],
    [{ name: "a", to: "slack" }, /forward.targets: a needs FORWARD_URL among its secretKeys/],
    [{ name: "a", to: "slack", secretKeys: ["FORWARD_URL"] }, /a has secretKeys, so it needs secretName/],
    [
      { name: "a", to: "https://a.example", flags: ["--cursor=x"] },
      /at '\/forward\/targets\/0\/flags\/0': 'not' failed/,
    ],
  ])("refuses %j with a sentence", (target, sentence) => {
    expect(renderChart({ forward: { targets: [target] } }).refusal).toMatch(sentence);
  });

  test("refuses two targets of one name", () => {
    expect(renderChart({ forward: { targets: [slack, slack] } }).refusal).toMatch(/found slack twice/);
  });
});
