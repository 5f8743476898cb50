import { type KubernetesObject, notesOf, renderChart } from "@activity-events/testing/render-chart";
import { describe, expect, test } from "@jest/globals";
import { readConfig } from "../../functions/webhooks/src/config/config.ts";
import { settings } from "../../functions/webhooks/src/config/settings.ts";
import { limits } from "../../functions/webhooks/src/limits.ts";

const name = "log-activity-events-webhooks";
const secretKeys = ["WEBHOOKS_TOKEN", "WEBHOOKS_GITHUB_SECRET"];
const webhooks = { enabled: true, secretName: "hooks", secretKeys };

describe("the webhooks", () => {
  const { objects } = renderChart({ webhooks });
  const called = (kind: string) => objects.find((object) => object.kind === kind && object.metadata.name === name);
  const service = objects.find(({ kind }) => kind === "StatefulSet");
  const pod = () => called("Deployment").spec.template.spec;

  test("are off unless asked for", () => {
    expect(renderChart().text).not.toContain(name);
  });

  test("run the image's fourth program, with settings that it knows and the secrets of the routes that are on", () => {
    const [{ command, image, env, ports }] = pod().containers;
    const variables = Object.fromEntries(env.map((item: KubernetesObject) => [item.name, item.value ?? "secret"]));

    const config = readConfig(variables, false);

    expect(image).toBe(service.spec.template.spec.containers[0].image);
    expect(command).toEqual(["/usr/local/bin/node", "/app/webhooks/activity_webhooks.cjs"]);
    expect(config).toMatchObject({
      host: "0.0.0.0",
      port: ports[0].containerPort,
      service: { address: "log-activity-events:50051", tls: false },
      secrets: { token: "secret", githubSecret: "secret", gitlabToken: undefined, oidc: undefined },
    });
    const fromSecret = env.filter(({ valueFrom }: KubernetesObject) => valueFrom !== undefined);
    expect(fromSecret.map(({ valueFrom }: KubernetesObject) => valueFrom.secretKeyRef)).toEqual(
      secretKeys.map((key) => ({ name: "hooks", key })),
    );
    const known = new Set(settings.map((setting) => setting.name));
    expect(Object.keys(variables).filter((variable) => !known.has(variable))).toEqual([]);
  });

  test("take the pushes of Google Cloud where accounts may push", () => {
    const values = {
      enabled: true,
      oidcAudience: "https://hooks.example",
      oidcAccounts: ["a@x.example", "b@x.example"],
    };
    const deployment = renderChart({ webhooks: { ...values, githubWorkflows: ["Deploy=prod", "b"] } }).objects.find(
      ({ kind }) => kind === "Deployment",
    );
    const { env } = deployment.spec.template.spec.containers[0];

    const config = readConfig(Object.fromEntries(env.map((item: KubernetesObject) => [item.name, item.value])), false);

    expect(config.secrets.oidc).toMatchObject({ audience: values.oidcAudience, accounts: values.oidcAccounts });
    expect(config.workflows).toEqual([{ name: "Deploy", environment: "prod" }, { name: "b" }]);
  });

  test("may do nothing but compute and speak, without the service's account", () => {
    const ofService = service.spec.template.spec;

    expect(pod().containers[0].securityContext).toEqual(ofService.containers[0].securityContext);
    expect(pod().securityContext).toEqual(ofService.securityContext);
    expect(pod()).not.toHaveProperty("serviceAccountName");
    expect(pod().automountServiceAccountToken).toBe(false);
  });

  test("have the time to drain", () => {
    const pauseSeconds = pod().containers[0].lifecycle.preStop.sleep.seconds;

    expect(pod().terminationGracePeriodSeconds).toBeGreaterThan(pauseSeconds + limits.drainTimeMs / 1_000);
  });

  test("are found by their service, call the service, and are let in whoever else may call", () => {
    const peers = [{ podSelector: { matchLabels: { app: "ci" } } }];
    const page = { enabled: true, access: "open" };
    const policies = renderChart({ webhooks, page, networkPolicy: { from: peers } }).objects.filter(
      ({ kind }) => kind === "NetworkPolicy",
    );
    const ofService = policies.find(({ metadata }) => metadata.name === "log-activity-events");
    const ours = policies.find(({ metadata }) => metadata.name === name);
    const { labels } = called("Deployment").spec.template.metadata;

    const letIn = ofService.spec.ingress[0].from
      .slice(1)
      .map(({ podSelector }: KubernetesObject) => podSelector.matchLabels["app.kubernetes.io/component"]);
    const portsOf = (policy: KubernetesObject) =>
      policy.spec.egress.flatMap(({ ports }: KubernetesObject) => ports.map(({ port }: KubernetesObject) => port));

    expect(labels).toMatchObject(called("Service").spec.selector);
    expect(labels).not.toMatchObject(service.spec.selector.matchLabels);
    expect(letIn).toEqual(["test", "page", "webhooks"]);
    expect(labels).toMatchObject(ours.spec.podSelector.matchLabels);
    expect(portsOf(ours)).toEqual([53, 53, 50_051]);
  });

  test("are reached as the notes say", () => {
    expect(notesOf({ webhooks })).toContain(`port-forward service/${name} 50090:80`);
    expect(notesOf({})).not.toContain(name);
  });

  test.each<[object, RegExp]>([
    [{ enabled: true }, /webhooks.enabled needs a route that is on/],
    [{ secretKeys }, /webhooks.secretKeys needs webhooks.secretName, the Secret that holds WEBHOOKS_TOKEN, WEBHOOKS_G/],
    [{ oidcAudience: "a" }, /webhooks.oidcAudience and webhooks.oidcAccounts go together/],
    [{ secretKeys: ["TOKEN"] }, /at '\/webhooks\/secretKeys\/0': value must be one of 'WEBHOOKS_TOKEN'/],
    [{ oidcAccounts: ["a,b@c.example"] }, /at '\/webhooks\/oidcAccounts\/0': .* does not match pattern/],
    [{ resources: { requests: { memory: "1Gi" } } }, /webhooks.resources.requests.memory must not be above webhooks/],
  ])("refuse %j with a sentence", (wrong, sentence) => {
    expect(renderChart({ webhooks: wrong }).refusal).toMatch(sentence);
  });
});
