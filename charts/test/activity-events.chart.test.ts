import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type KubernetesObject,
  lintChart,
  notesOf,
  renderChart,
  type Values,
  validateManifests,
} from "@activity-events/testing/render-chart";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { parseAccessFile } from "../../access/src/parse-access-file.ts";
import { settings as webhooksSettings } from "../../functions/webhooks/src/config/settings.ts";
import { readConfig as readPageConfig } from "../../metrics-service/src/config/config.ts";
import { settings as pageSettings } from "../../metrics-service/src/config/settings.ts";
import { limits as pageLimits } from "../../metrics-service/src/limits.ts";
import manifest from "../../package.json" with { type: "json" };
import { readConfig } from "../../run-service/src/config/config.ts";
import { parseConfigFile } from "../../run-service/src/config/parse-config-file.ts";
import { parseRetention } from "../../run-service/src/config/parse-retention.ts";
import { configFileSetting, type Setting, settings } from "../../run-service/src/config/settings.ts";
import { limits } from "../../run-service/src/limits.ts";

const sqlite: Values = { store: "sqlite" };
const firestore: Values = { store: "firestore", googleCloudProject: "my-project" };

/** By tokens alone, so that nobody's keys are fetched. */
const accessFile = `
tokens:
  - { name: ops, sha256: "${"0a".repeat(32)}" }
bindings:
  - { role: admin, members: ["token:ops"] }
`;
const certificate = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

/** Whatever can be set is set somewhere in here. */
const matrix: Readonly<Record<string, Values>> = {
  defaults: {},
  sqlite: {
    ...sqlite,
    replicas: { min: 1, max: 1 },
    volume: { size: "1Ti", storageClass: "premium-rwo" },
    image: { repository: "example.com/a/b", digest: `sha256:${"0a".repeat(32)}`, pullSecrets: [{ name: "s" }] },
    config: {
      LOG_LEVEL: "debug",
      STREAM_MAX_AGE_SECONDS: 60,
      HEARTBEAT_SECONDS: 5,
      PRINCIPAL_CALLS_PER_SECOND: 50,
      PRINCIPAL_STREAMS: 5,
    },
    reflection: false,
    nodeSelector: { "kubernetes.io/arch": "amd64" },
    tolerations: [{ key: "k", operator: "Exists", effect: "NoSchedule" }],
    priorityClassName: "high",
  },
  firestore,
  "firestore, all set": {
    ...firestore,
    firestoreDatabase: "activity-events",
    pokeTopic: "pokes",
    replicas: { min: 3, max: 30, cpuPercent: 50 },
    googleServiceAccount: "activity-events@my-project.iam.gserviceaccount.com",
    networkPolicy: {
      from: [{ namespaceSelector: { matchLabels: { team: "ci" } } }, { ipBlock: { cidr: "10.0.0.0/8" } }],
    },
    resources: { requests: { cpu: 1, memory: "1Gi" }, limits: { memory: "1Gi" } },
    tolerations: [{ operator: "Exists" }],
  },
  page: { page: { enabled: true, access: "open" } },
  "page, all set": {
    ...firestore,
    page: {
      enabled: true,
      access: "oidc",
      oidcIssuer: "https://accounts.example.com",
      oidcAudience: "activity",
      allowedOrigins: ["https://activity.example.com"],
      replicas: 3,
      from: [{ ipBlock: { cidr: "10.0.0.0/8" } }],
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "1Gi" } },
    },
    priorityClassName: "high",
    nodeSelector: { "kubernetes.io/arch": "amd64" },
    tolerations: [{ operator: "Exists" }],
    image: { pullSecrets: [{ name: "s" }] },
  },
  webhooks: { webhooks: { enabled: true, secretName: "webhooks", secretKeys: ["WEBHOOKS_TOKEN"] } },
  "webhooks, all set": {
    ...firestore,
    page: { enabled: true, access: "open" },
    webhooks: {
      enabled: true,
      secretName: "webhooks",
      secretKeys: ["WEBHOOKS_TOKEN", "WEBHOOKS_GITHUB_SECRET", "WEBHOOKS_GITLAB_TOKEN"],
      githubWorkflows: ["Deploy=production", "release.yml"],
      oidcAudience: "https://webhooks.example.com",
      oidcAccounts: ["push@my-project.iam.gserviceaccount.com"],
      replicas: 2,
      from: [{ namespaceSelector: { matchLabels: { name: "ingress" } } }],
      resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "1Gi" } },
    },
  },
  forward: { forward: { targets: [{ name: "slack", to: "slack", secretName: "s", secretKeys: ["FORWARD_URL"] }] } },
  "forward, all set": {
    ...firestore,
    forward: {
      targets: [
        {
          name: "hook",
          to: "https://example.com/hook",
          secretName: "hook",
          secretKeys: ["FORWARD_TOKEN", "FORWARD_SECRET"],
          flags: ["--environment", "production", "--from-start"],
        },
        { name: "bus", to: "pubsub:projects/my-project/topics/events", serviceAccountName: "publisher" },
      ],
      ports: [443, 3000],
      volume: { size: "100Mi", storageClass: "standard" },
      resources: { requests: { memory: "96Mi" }, limits: { cpu: 1, memory: "1Gi" } },
    },
    networkPolicy: { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] },
  },
  retention: { retentionDays: { "*": 90, production: 730 } },
  "retention on firestore": {
    ...firestore,
    access: "file",
    accessFile,
    tls: { secretName: "tls" },
    retentionDays: { "*": 36_500 },
    expire: {
      noOlderInstances: true,
      tokenSecretName: "admin-token",
      schedule: "5 23 * * *",
      resources: { requests: { memory: "64Mi" }, limits: { memory: "1Gi" } },
    },
    nodeSelector: { "kubernetes.io/arch": "amd64" },
    networkPolicy: { from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] },
  },
  "no network policy": { networkPolicy: { enabled: false } },
  "an access file": { access: "file", accessFile, page: { enabled: true, access: "open" } },
  "an access file in a Secret": { ...firestore, access: "file", accessSecretName: "access" },
  TLS: { tls: { secretName: "tls" }, webhooks: { enabled: true, secretName: "w", secretKeys: ["WEBHOOKS_TOKEN"] } },
  "mutual TLS, an access file and tokens": {
    access: "file",
    accessFile,
    tls: { secretName: "tls", clientCa: certificate, clientSecretName: "caller" },
    page: { enabled: true, access: "open", tokenSecretName: "page-token" },
    webhooks: { enabled: true, secretName: "w", secretKeys: ["WEBHOOKS_TOKEN"], tokenSecretName: "webhooks-token" },
    forward: {
      targets: [{ name: "a", to: "slack", secretName: "s", secretKeys: ["FORWARD_URL"], tokenSecretName: "a-token" }],
    },
  },
};

describe("the chart", () => {
  test("is valid for Kubernetes with every set of values, and a wrong manifest would be noticed", () => {
    using folder = temporaryFolder();
    for (const [name, values] of Object.entries(matrix)) {
      const { text, refusal } = renderChart(values);
      expect([name, refusal]).toEqual([name, ""]);
      writeFileSync(join(folder.path, `${name}.yaml`), text);
    }

    expect(validateManifests(folder.path)).toMatchObject({ isValid: true });
    writeFileSync(
      join(folder.path, "wrong.yaml"),
      renderChart().text.replace("terminationGracePeriodSeconds: 20", "grace: 20"),
    );
    expect(validateManifests(folder.path)).toMatchObject({ isValid: false, output: expect.stringContaining("grace") });
  });

  test.each(Object.entries(matrix))("passes helm lint --strict: %s", (_, values) => {
    expect(lintChart(values)).toBe("");
  });

  test("makes of sqlite one instance with a volume that outlives it", () => {
    const { objects } = renderChart(sqlite);
    const { spec } = find(objects, "StatefulSet");

    expect(kindsOf(objects)).toEqual(["ConfigMap", "NetworkPolicy", "Pod", "Service", "ServiceAccount", "StatefulSet"]);
    expect(spec.replicas).toBe(1);
    expect(spec.volumeClaimTemplates).toHaveLength(1);
    expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenDeleted: "Retain", whenScaled: "Retain" });
    expect(containerOf(objects).volumeMounts).toContainEqual({ name: "data", mountPath: "/data" });
    expect(configOf(objects).store).toEqual({ store: "sqlite", file: "/data/events.db" });
  });

  test("makes of firestore as many instances as are needed, apart from each other and never all away", () => {
    const { objects } = renderChart({ ...firestore, googleServiceAccount: "a@my-project.iam.gserviceaccount.com" });
    const { spec } = find(objects, "Deployment");
    const scaler = find(objects, "HorizontalPodAutoscaler").spec;

    expect(kindsOf(objects)).toEqual([
      "ConfigMap",
      "Deployment",
      "HorizontalPodAutoscaler",
      "NetworkPolicy",
      "Pod",
      "PodDisruptionBudget",
      "Service",
      "ServiceAccount",
    ]);
    expect(spec).not.toHaveProperty("replicas");
    expect(scaler.metrics[0].resource).toEqual({
      name: "cpu",
      target: { type: "Utilization", averageUtilization: 70 },
    });
    expect([scaler.minReplicas, scaler.maxReplicas, scaler.scaleTargetRef.name]).toEqual([
      2,
      10,
      "log-activity-events",
    ]);
    expect(find(objects, "PodDisruptionBudget").spec.maxUnavailable).toBe(1);
    expect(
      spec.template.spec.topologySpreadConstraints.map(({ topologyKey }: { topologyKey: string }) => topologyKey),
    ).toEqual(["topology.kubernetes.io/zone", "kubernetes.io/hostname"]);
    expect(find(objects, "ServiceAccount").metadata.annotations).toEqual({
      "iam.gke.io/gcp-service-account": "a@my-project.iam.gserviceaccount.com",
    });
    expect(configOf(objects).store).toEqual({
      store: "firestore",
      projectId: "my-project",
      databaseId: "activity-events",
    });
  });

  test("hands every value on to the service, under names that it knows", () => {
    const values = {
      ...firestore,
      ...{
        firestoreDatabase: "events",
        pokeTopic: "pokes",
        pubsubEndpoint: "europe-west1-pubsub.googleapis.com",
        config: {
          LOG_LEVEL: "warn",
          STREAM_MAX_AGE_SECONDS: 9,
          HEARTBEAT_SECONDS: 7,
          PRINCIPAL_CALLS_PER_SECOND: 50,
          PRINCIPAL_STREAMS: 5,
        },
        retentionDays: { "*": 90, production: 730 },
        expire: { noOlderInstances: true },
        reflection: false,
        access: "file",
        accessFile,
        tls: { secretName: "tls", clientCa: certificate, clientSecretName: "caller" },
      },
    };
    const { objects } = renderChart(values);

    expect(configOf(objects)).toEqual({
      accessFile: "/access/access.yaml",
      isOpen: false,
      isCloudRun: false,
      tls: { certFile: "/tls/tls.crt", keyFile: "/tls/tls.key", clientCaFile: "/client-ca/ca.crt" },
      shares: { callsPerSecond: 50, streams: 5 },
      reflects: false,
      host: "0.0.0.0",
      port: 50_051,
      store: { store: "firestore", projectId: "my-project", databaseId: "events" },
      pokeTopic: "pokes",
      pubsubEndpoint: "europe-west1-pubsub.googleapis.com",
      logLevel: "warn",
      logFormat: "json",
      streamMaxAgeMs: 9_000,
      heartbeatIntervalMs: 7_000,
      retention: parseRetention("*=90, production=730"),
    });
    // DATA_DIR is the other store's, and ACCESS_FILE excludes ACCESS.
    const variables = [...Object.keys(environmentOf(objects)), "DATA_DIR", "ACCESS"];
    const isLive = ({ isLive }: Setting) => isLive === true;
    expect(variables.sort()).toEqual(
      [...settings.filter((setting) => !isLive(setting)), configFileSetting].map(({ name }) => name).sort(),
    );
    expect([...fileSettingsOf(objects).keys()].sort()).toEqual(
      settings
        .filter(isLive)
        .map(({ name }) => name)
        .sort(),
    );
  });

  test("mounts the folder of the settings' file, which a change reaches without new pods", () => {
    const template = ({ objects }: { readonly objects: readonly KubernetesObject[] }) =>
      JSON.stringify(workloadOf(objects).spec.template);
    const quiet = renderChart({ ...firestore, config: { LOG_LEVEL: "warn" } });
    const { volumeMounts } = containerOf(quiet.objects);

    expect(volumeMounts).toEqual([{ name: "config", mountPath: "/config", readOnly: true }]);
    expect(podOf(quiet.objects).volumes).toEqual([
      { name: "config", configMap: { name: find(quiet.objects, "ConfigMap").metadata.name } },
    ]);
    expect(environmentOf(quiet.objects).CONFIG_FILE).toBe("/config/config.yaml");
    expect(template(quiet)).toBe(template(renderChart({ ...firestore, config: { LOG_LEVEL: "debug" } })));
    expect(configOf(quiet.objects).logLevel).toBe("warn");
    expect(configOf(renderChart({ config: { LOG_LEVEL: null } }).objects).logLevel).toBe("info");
  });

  describe("access", () => {
    const file: Values = { access: "file", accessFile };
    const objectNamed = (objects: readonly KubernetesObject[], kind: string, name: string) =>
      objects.find((object) => object.kind === kind && object.metadata.name === name);
    const page = { enabled: true, access: "open" };

    test("is never open unless somebody says so", () => {
      const { refusal } = renderChart({ access: "" });

      expect(refusal).toMatch(/access must say who may call the service: file, .* or open, with which everybody/);
      expect(configOf(renderChart({ access: "open" }).objects)).toMatchObject({ isOpen: true, accessFile: undefined });
    });

    test("is by a file that the service takes, in a folder that a change reaches without new pods", () => {
      const rendered = renderChart({ ...file, page });
      const { objects } = rendered;
      const { data } = objectNamed(objects, "ConfigMap", "log-activity-events-access");
      const changed = renderChart({ ...file, page, accessFile: `${accessFile}# changed\n` }).objects;
      const ofPage = (all: readonly KubernetesObject[]) =>
        objectNamed(all, "Deployment", "log-activity-events-page").spec.template.spec;

      const rules = parseAccessFile(data["access.yaml"], { path: "access.yaml", isCloudRun: false });

      expect(rules.bindings).toEqual([{ role: "admin", members: ["token:ops"], prefixes: undefined }]);
      expect(configOf(objects)).toMatchObject({ isOpen: false, accessFile: "/access/access.yaml" });
      for (const pod of [podOf(objects), ofPage(objects)]) {
        expect(pod.containers[0].env).toContainEqual({ name: "ACCESS_FILE", value: "/access/access.yaml" });
        expect(pod.containers[0].volumeMounts).toContainEqual({ name: "access", mountPath: "/access", readOnly: true });
        expect(pod.volumes).toContainEqual({ name: "access", configMap: { name: "log-activity-events-access" } });
      }
      expect(podOf(changed)).toEqual(podOf(objects));
      expect(ofPage(changed)).toEqual(ofPage(objects));
    });

    test("is by the file of a Secret, which the chart does not make", () => {
      const { objects } = renderChart({ access: "file", accessSecretName: "who" });

      expect(objectNamed(objects, "ConfigMap", "log-activity-events-access")).toBeUndefined();
      expect(podOf(objects).volumes).toContainEqual({ name: "access", secret: { secretName: "who" } });
      expect(configOf(objects)).toMatchObject({ accessFile: "/access/access.yaml" });
    });

    test("lets the service fetch the keys of issuers, where a file may name some", () => {
      const issuers = "issuers: [{ issuer: https://login.example, audience: a }]\nbindings: [{}]\n";
      const portsOf = (values: Values) =>
        objectNamed(renderChart(values).objects, "NetworkPolicy", "log-activity-events").spec.egress.flatMap(
          ({ to, ports }: KubernetesObject) => ports.map(({ port }: KubernetesObject) => [to, port]),
        );
      const issuersPorts = [53, 53, 443].map((port) => [undefined, port]);

      expect(portsOf(file)).toEqual([]);
      expect(portsOf({ access: "file", accessFile: issuers })).toEqual(issuersPorts);
      expect(portsOf({ access: "file", accessSecretName: "who" })).toEqual(issuersPorts);
    });

    test("is told by the notes, with the flags that a call takes", () => {
      expect(notesOf({ access: "open" })).toMatch(
        /^Everybody who reaches the service may record and read everything: the pods of this namespace\.$/m,
      );
      expect(notesOf({ access: "open", networkPolicy: { from: [{ podSelector: {} }] } })).toContain(
        "everything: the peers of networkPolicy.from.",
      );
      expect(notesOf({ access: "open", networkPolicy: { enabled: false } })).toContain("record and read everything.\n");
      expect(notesOf(file)).toMatch(
        /in the ConfigMap log-activity-events-access\..*activity_client add --token-file token --deployment-id/s,
      );
      expect(notesOf({ access: "file", accessSecretName: "who" })).toContain("in the Secret who.");
      expect(notesOf(matrix["mutual TLS, an access file and tokens"] ?? {})).toContain(
        "add --ca-file ca.crt --client-cert tls.crt --client-key tls.key --token-file token --deployment-id",
      );
    });
  });

  describe("TLS", () => {
    const { objects } = renderChart(matrix["mutual TLS, an access file and tokens"]);
    const tls = { secretName: "tls" };
    const podNamed = (name: string) =>
      objects.find(({ metadata, spec }) => metadata.name === name && spec?.template !== undefined).spec.template.spec;
    const pod = podNamed("log-activity-events");

    test("hands the service its certificate and the authorities of its callers", () => {
      const [{ env, volumeMounts }] = pod.containers;
      const [, authorities] = objects.filter(({ kind, data }) => kind === "ConfigMap" && !data["config.yaml"]);

      expect(Object.fromEntries(env.map(({ name, value }: KubernetesObject) => [name, value]))).toMatchObject({
        TLS_CERT_FILE: "/tls/tls.crt",
        TLS_KEY_FILE: "/tls/tls.key",
        TLS_CLIENT_CA_FILE: "/client-ca/ca.crt",
      });
      expect(volumeMounts).toEqual(
        expect.arrayContaining([
          { name: "tls", mountPath: "/tls", readOnly: true },
          { name: "client-ca", mountPath: "/client-ca", readOnly: true },
        ]),
      );
      expect(pod.volumes).toEqual(
        expect.arrayContaining([
          { name: "tls", secret: { secretName: "tls" } },
          { name: "client-ca", configMap: { name: authorities.metadata.name } },
        ]),
      );
      expect(authorities.data).toEqual({ "ca.crt": certificate });
      expect(environmentOf(renderChart({ tls }).objects)).not.toHaveProperty("TLS_CLIENT_CA_FILE");
    });

    test("is asked for by probes that can: Kubernetes' gRPC probe speaks none", () => {
      const { startupProbe, readinessProbe, livenessProbe } = pod.containers[0];

      for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
        expect(probe.tcpSocket).toEqual({ port: 50_051 });
        expect(probe).not.toHaveProperty("grpc");
      }
      expect(
        find(
          objects.filter(({ spec }) => spec?.clusterIP === "None"),
          "Service",
        ).spec.ports[0].appProtocol,
      ).toBe("https");
    });

    test.each(["page", "webhooks"])("is what the %s calls with, by its own token and certificate", (part) => {
      const { containers, volumes } = podNamed(`log-activity-events-${part}`);
      const [{ env, volumeMounts }] = containers;

      expect(env).toEqual(
        expect.arrayContaining([
          { name: "ACTIVITY_ADDRESS", value: "https://log-activity-events:50051" },
          { name: "ACTIVITY_CA_FILE", value: "/service-ca/ca.crt" },
          { name: "ACTIVITY_CLIENT_CERT_FILE", value: "/client-certificate/tls.crt" },
          { name: "ACTIVITY_CLIENT_KEY_FILE", value: "/client-certificate/tls.key" },
          { name: "ACTIVITY_TOKEN_FILE", value: "/token/token" },
        ]),
      );
      expect(volumes).toEqual(expect.arrayContaining(callerVolumes(`${part}-token`)));
      expect(volumeMounts).toEqual(expect.arrayContaining(callerMounts));
    });

    test.each([
      ["page", pageSettings],
      ["webhooks", webhooksSettings],
    ])("has settings that the %s knows", (part, known) => {
      const [{ env }] = podNamed(`log-activity-events-${part}`).containers;
      const names = env.map(({ name }: KubernetesObject) => name);

      expect(names.filter((name: string) => !known.some((setting) => setting.name === name))).toEqual([]);
    });

    test("has flags that the client knows, which then misses the files", () => {
      const client = join(import.meta.dirname, "..", "..", "cli", "src", "main.ts");
      const run = (args: readonly string[]) =>
        spawnSync(process.execPath, [client, ...args], {
          env: { PATH: process.env.PATH, ACTIVITY_ADDRESS: "127.0.0.1:1", FORWARD_URL: "http://127.0.0.1:1" },
          encoding: "utf8",
        }).stderr;

      for (const { args } of [podNamed("log-activity-events-forward-a"), find(objects, "Pod").spec].map(
        ({ containers }) => containers[0],
      ))
        expect(run(args)).toMatch(/^activity_client: --ca-file \/service-ca\/ca[.]crt does not exist/);
    });

    test("is what forward and helm test call with, who never see the service's key", () => {
      const forward = podNamed("log-activity-events-forward-a");
      const test = find(objects, "Pod").spec;
      const flags = ["--ca-file", "/service-ca/ca.crt", "--client-cert", "/client-certificate/tls.crt"];
      const keyFlags = ["--client-key", "/client-certificate/tls.key"];
      const address = ["--address", "log-activity-events:50051"];

      expect(forward.containers[0].args.slice(5)).toEqual([...flags, ...keyFlags, "--token-file", "/token/token"]);
      expect(forward.volumes).toEqual(callerVolumes("a-token"));
      expect(forward.containers[0].volumeMounts.slice(1)).toEqual(callerMounts);
      expect(test.containers[0].args).toEqual([...address, ...flags, ...keyFlags, "--timeout", "30", "health"]);
      // Health is open to anybody: no token.
      expect(test.volumes).toEqual(callerVolumes("").slice(0, 2));
      expect(test.containers[0].volumeMounts).toEqual(callerMounts.slice(0, 2));
    });
  });

  describe.each([
    ["sqlite", sqlite],
    ["firestore", firestore],
  ])("the pods of %s", (_, values) => {
    const { objects } = renderChart(values);
    const pods = () => [podOf(objects), find(objects, "Pod").spec];
    const containers = () =>
      pods().flatMap(({ containers, initContainers = [] }) => [...initContainers, ...containers]);

    test("are looked after by gRPC, and started anew only when a store's failure is no longer the likely cause", () => {
      const { startupProbe, readinessProbe, livenessProbe } = containerOf(objects);

      for (const probe of [startupProbe, readinessProbe, livenessProbe]) expect(probe.grpc).toEqual({ port: 50_051 });
      expect(livenessProbe.periodSeconds * livenessProbe.failureThreshold).toBeGreaterThan(
        10 * readinessProbe.periodSeconds * readinessProbe.failureThreshold,
      );
    });

    test("have the time to drain", () => {
      const pauseSeconds = containerOf(objects).lifecycle?.preStop.sleep.seconds ?? 0;

      expect(podOf(objects).terminationGracePeriodSeconds).toBeGreaterThan(pauseSeconds + limits.drainTimeMs / 1_000);
    });

    test("request what they need and have a limit", () => {
      const both = { cpu: expect.any(String), memory: expect.any(String) };

      // The service's, and the check's of helm test.
      expect(containers().map(({ resources }) => resources)).toEqual(Array(2).fill({ requests: both, limits: both }));
    });

    test("may do nothing but compute, write the volume and speak", () => {
      for (const { securityContext, automountServiceAccountToken } of pods()) {
        expect(automountServiceAccountToken).toBe(false);
        expect(securityContext).toMatchObject({
          runAsNonRoot: true,
          runAsUser: 65_532,
          fsGroup: 65_532,
          seccompProfile: { type: "RuntimeDefault" },
        });
      }
      expect(containers().map(({ securityContext }) => securityContext)).toEqual(
        Array(2).fill({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        }),
      );
    });

    test("run as the user of the image, and call programs that are in it", () => {
      const dockerfile = readFileSync(join(import.meta.dirname, "..", "..", "Dockerfile"), "utf8");
      const { runAsUser, runAsGroup } = podOf(objects).securityContext;

      expect(dockerfile).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`);
      expect(containerOf(objects)).not.toHaveProperty("command");
      expect(find(objects, "Pod").spec.containers[0].command).toEqual([
        "/usr/local/bin/node",
        "/app/client/activity_client.cjs",
      ]);
    });

    test("are found by the service's name, one by one", () => {
      const { spec } = find(objects, "Service");
      const { labels } = workloadOf(objects).spec.template.metadata;

      expect(spec.clusterIP).toBe("None");
      expect(spec.ports).toEqual([
        { name: "grpc", port: 50_051, targetPort: "grpc", appProtocol: "kubernetes.io/h2c" },
      ]);
      expect(labels).toMatchObject(spec.selector);
      expect(find(objects, "Pod").metadata.labels).not.toMatchObject(spec.selector);
    });

    test("are called by pods of their namespace only", () => {
      const { spec } = find(objects, "NetworkPolicy");

      expect(spec.policyTypes).toEqual(["Ingress", "Egress"]);
      expect(workloadOf(objects).spec.template.metadata.labels).toMatchObject(spec.podSelector.matchLabels);
      expect(spec.ingress).toEqual([{ from: [{ podSelector: {} }], ports: [{ protocol: "TCP", port: "grpc" }] }]);
    });
  });

  test("lets sqlite call nobody, and firestore names, Google's services and the metadata server", () => {
    const egressOf = (values: Values) => find(renderChart(values).objects, "NetworkPolicy").spec.egress;

    expect(egressOf(sqlite)).toEqual([]);
    expect(
      egressOf(firestore).flatMap(({ to, ports }: KubernetesObject) =>
        ports.map(({ port }: KubernetesObject) => `${to?.[0].ipBlock.cidr ?? "anywhere"} ${port}`),
      ),
    ).toEqual(["anywhere 53", "anywhere 53", "anywhere 443", "169.254.169.254/32 80", "169.254.169.252/32 988"]);
  });

  test("lets the check of helm test in, whoever else may call", () => {
    const { objects } = renderChart({ networkPolicy: { from: [{ podSelector: { matchLabels: { app: "ci" } } }] } });
    const [{ from }] = find(objects, "NetworkPolicy").spec.ingress;

    expect(from).toHaveLength(2);
    expect(find(objects, "Pod").metadata.labels).toMatchObject(from[1].podSelector.matchLabels);
    expect(find(objects, "Pod").metadata.annotations["helm.sh/hook"]).toBe("test");
    expect(find(objects, "Pod").spec.containers[0].args).toEqual(
      expect.arrayContaining(["log-activity-events:50051", "health"]),
    );
  });

  describe("the page", () => {
    const page = { enabled: true, access: "iap", iapAudience: "/projects/1/global/backendServices/2" };
    const { objects } = renderChart({ page });
    const name = "log-activity-events-page";
    const called = (kind: string) => objects.find((object) => object.kind === kind && object.metadata.name === name);
    const pod = () => called("Deployment").spec.template.spec;

    test("is off unless asked for", () => {
      expect(renderChart().text).not.toContain(name);
    });

    test("runs the image's third program, with settings that it knows", () => {
      const [{ command, image, env }] = pod().containers;
      const variables = Object.fromEntries(env.map(({ name, value }: KubernetesObject) => [name, value]));

      const config = readPageConfig(variables, false);

      expect(image).toBe(containerOf(objects).image);
      expect(command).toEqual(["/usr/local/bin/node", "/app/page/activity_page.cjs"]);
      expect(config).toMatchObject({
        host: "0.0.0.0",
        port: pod().containers[0].ports[0].containerPort,
        service: { address: "log-activity-events:50051", tls: false },
        access: { kind: "iap", audience: page.iapAudience },
      });
      const known = new Set(pageSettings.map(({ name }) => name));
      expect(Object.keys(variables).filter((name) => !known.has(name))).toEqual([]);
    });

    test("may do nothing but compute and speak, without the service's account", () => {
      const [{ securityContext }] = pod().containers;

      expect(securityContext).toEqual(containerOf(objects).securityContext);
      expect(pod().securityContext).toEqual(podOf(objects).securityContext);
      expect(pod()).not.toHaveProperty("serviceAccountName");
      expect(pod().automountServiceAccountToken).toBe(false);
    });

    test("is found by its service, and is no instance of the gRPC service", () => {
      const { labels } = called("Deployment").spec.template.metadata;

      expect(labels).toMatchObject(called("Service").spec.selector);
      expect(labels).not.toMatchObject(find(objects, "StatefulSet").spec.selector.matchLabels);
      expect(called("Service").spec.ports).toEqual([{ name: "http", port: 80, targetPort: "http" }]);
    });

    test("has the time to drain", () => {
      const pauseSeconds = pod().containers[0].lifecycle.preStop.sleep.seconds;

      expect(pod().terminationGracePeriodSeconds).toBeGreaterThan(pauseSeconds + pageLimits.drainTimeMs / 1_000);
    });

    test("calls the service, which lets it in whoever else may call", () => {
      const peers = [{ podSelector: { matchLabels: { app: "ci" } } }];
      const policies = renderChart({ page, networkPolicy: { from: peers } }).objects.filter(
        ({ kind }) => kind === "NetworkPolicy",
      );
      const ofService = policies.find(({ metadata }) => metadata.name !== name);
      const ofPage = policies.find(({ metadata }) => metadata.name === name);
      const { labels } = called("Deployment").spec.template.metadata;

      const letIn = ofService.spec.ingress[0].from.map(
        ({ podSelector }: KubernetesObject) => podSelector.matchLabels["app.kubernetes.io/component"],
      );
      expect(letIn).toEqual([undefined, "test", labels["app.kubernetes.io/component"]]);
      expect(labels).toMatchObject(ofPage.spec.podSelector.matchLabels);
      const ports = ofPage.spec.egress.flatMap((rule: KubernetesObject) =>
        rule.ports.map(({ port }: { port: number }) => port),
      );
      expect(ports).toEqual([53, 53, 50_051, 443]);
    });

    test("is opened as the notes say", () => {
      expect(notesOf({ page })).toContain(`port-forward service/${name} 8080:80`);
      expect(notesOf({ page: { enabled: true, access: "open" } })).toMatch(/at http:\/\/localhost:8080:\n/);
      expect(notesOf({})).not.toContain(name);
    });
  });

  test("has a volume that the pod of docs/runbook.md restores, with the service's rights and no others", () => {
    using folder = temporaryFolder();
    const runbook = readFileSync(join(import.meta.dirname, "..", "..", "docs", "runbook.md"), "utf8");
    const [, text = ""] = /^```yaml\n(.*?kind: Pod\n.*?)^```$/ms.exec(runbook) ?? [];
    writeFileSync(join(folder.path, "restore.yaml"), text);
    const { spec } = parse(text);
    const { objects } = renderChart(sqlite);
    const name = find(objects, "StatefulSet").metadata.name;
    const [{ metadata: claim }] = find(objects, "StatefulSet").spec.volumeClaimTemplates;

    expect(validateManifests(folder.path)).toMatchObject({ isValid: true });
    expect(spec.volumes[0].persistentVolumeClaim.claimName).toBe(`${claim.name}-${name}-0`);
    expect({ ...spec.securityContext, fsGroupChangePolicy: "OnRootMismatch" }).toEqual(podOf(objects).securityContext);
    expect(spec.containers[0].securityContext).toEqual(containerOf(objects).securityContext);
    expect(spec.containers[0].env[0].value).toBe(environmentOf(objects).DATA_DIR);
  });

  test("is of the version of the programs", () => {
    const { version, appVersion } = parse(
      readFileSync(join(import.meta.dirname, "..", "activity-events", "Chart.yaml"), "utf8"),
    );

    expect([version, appVersion]).toEqual([manifest.version, manifest.version]);
  });

  test("takes the image by its digest when there is one", () => {
    const digest = `sha256:${"0a".repeat(32)}`;
    const imageOf = (image: Values) => containerOf(renderChart({ image }).objects).image;

    expect(imageOf({ repository: "r/i", digest, tag: "ignored" })).toBe(`r/i@${digest}`);
    expect(imageOf({ repository: "r/i", tag: "t" })).toBe("r/i:t");
    expect(imageOf({})).toMatch(/^activity-events:\d+\.\d+\.\d+$/);
  });

  test("ends with the next commands to type", () => {
    expect(notesOf(sqlite)).toMatch(
      /kubectl --namespace ops rollout status statefulset\/log-activity-events$.*helm test --namespace ops log$.*activity_client add /ms,
    );
    expect(notesOf(firestore)).toMatch(
      /roles\/datastore\.user.*topics add-iam-policy-binding activity-pokes .*rollout status deployment\/log-activity-events$/ms,
    );
    expect(notesOf(sqlite)).toContain("The image activity-events names no registry");
    expect(notesOf({ image: { repository: "example.com/a" } })).not.toContain("names no registry");
    expect(notesOf({ ...firestore, googleServiceAccount: "a@my-project.iam.gserviceaccount.com" })).toContain(
      '--member "serviceAccount:my-project.svc.id.goog[ops/log-activity-events]"',
    );
  });

  test.each<[Values, RegExp]>([
    [{ store: "postgres" }, /at '\/store': value must be one of 'sqlite', 'firestore'/],
    [{ replicas: { max: 2 } }, /store sqlite is one file that one instance holds, so it runs 1 replica and not 2/],
    [{ replicas: { min: 3 } }, /so it runs 1 replica and not 3; for more set store=firestore/],
    [{ replicas: { min: 0 } }, /at '\/replicas\/min': minimum: got 0, want 1/],
    [{ replicaCount: 2 }, /additional properties 'replicaCount' not allowed/],
    [{ replicas: null }, /missing property 'replicas'/],
    [{ store: "firestore" }, /store firestore needs googleCloudProject/],
    [{ googleCloudProject: "my-project" }, /googleCloudProject is nothing to store sqlite, .* set store=firestore/],
    [
      { resources: { requests: { memory: "1Gi" } } },
      /resources.requests.memory must not be above resources.limits.memory; found 1Gi and 512Mi/,
    ],
    [{ resources: { requests: { cpu: 2.5 } } }, /resources.requests.cpu must not be above .*; found 2.5 and 2\./],
    [{ pokeTopic: "google-pokes" }, /at '\/pokeTopic': 'not' failed/],
    [{ ...firestore, replicas: { min: 5, max: 4 } }, /replicas.min must not be above replicas.max; found 5 and 4/],
    [{ image: { digest: "latest" } }, /at '\/image\/digest': 'latest' does not match pattern/],
    [{ image: { repository: "" } }, /at '\/image\/repository': minLength: got 0, want 1/],
    [{ volume: { size: "big" } }, /at '\/volume\/size': 'big' does not match pattern/],
    [{ config: { LOG_LEVEL: "loud" } }, /at '\/config\/LOG_LEVEL': value must be one of 'trace'/],
    [{ config: { HEARTBEAT_SECONDS: 0 } }, /at '\/config\/HEARTBEAT_SECONDS': minimum: got 0, want 1/],
    [{ config: { POKE_TOPIC: "pokes" } }, /additional properties 'POKE_TOPIC' not allowed/],
    [{ resources: { limits: { memory: "512" } } }, /at '\/resources\/limits\/memory': '512' does not match pattern/],
    [{ googleServiceAccount: "me@example.com" }, /at '\/googleServiceAccount': .* does not match pattern/],
    [{ page: { enabled: true } }, /page.access must say who checks the identities of viewers: iap, oidc, or open/],
    [{ page: { enabled: true, access: "iap" } }, /page.access iap needs page.iapAudience/],
    [
      { page: { enabled: true, access: "oidc", oidcIssuer: "https://a.example" } },
      /page.access oidc needs page.oidcAudience/,
    ],
    [{ page: { access: "all" } }, /at '\/page\/access': value must be one of '', 'iap', 'oidc', 'open'/],
    [{ page: { oidcIssuer: "http://a.example" } }, /at '\/page\/oidcIssuer': .* does not match pattern/],
    [{ page: { resources: { requests: { memory: "1Gi" } } } }, /page.resources.requests.memory must not be above page/],
    [{ access: "all" }, /at '\/access': value must be one of '', 'file', 'open'/],
    [{ access: "file" }, /access file needs the file: its text in accessFile, .* or in accessSecretName a Secret/],
    [
      { access: "file", accessFile: "a/path.yaml" },
      /accessFile must be the text of an access file, YAML with bindings/,
    ],
    [{ access: "file", accessFile, accessSecretName: "a" }, /accessFile and accessSecretName contradict each other/],
    [{ access: "open", accessFile }, /access open contradicts the access file: with it set access=file/],
    [{ config: { PRINCIPAL_STREAMS: 0 } }, /at '\/config\/PRINCIPAL_STREAMS': minimum: got 0, want 1/],
    [{ retentionDays: { production: 0 } }, /at '\/retentionDays\/production': minimum: got 0, want 1/],
    [{ retentionDays: { "a, b": 1 } }, /invalid propertyName 'a, b'/],
    [{ retentionDays: { "*": 1.5 } }, /at '\/retentionDays\/\*': got number, want integer/],
    [{ expire: { schedule: "* * * * *" } }, /at '\/expire\/schedule': .* does not match pattern/],
    [{ expire: { tokenSecretName: "t" } }, /expire.tokenSecretName needs tls.secretName: .* pass in plain text/],
    [{ ...firestore, retentionDays: { "*": 1 } }, /retentionDays with store firestore needs access=file/],
    [
      { ...firestore, retentionDays: { "*": 1 }, access: "file", accessFile },
      /retentionDays with store firestore needs expire.tokenSecretName, .* an admin of the access file/,
    ],
    [
      { ...firestore, retentionDays: { "*": 1 }, access: "file", accessFile, expire: { tokenSecretName: "t" } },
      /retentionDays purges, so it needs expire.noOlderInstances=true: your word/,
    ],
    [{ tls: { clientCa: certificate } }, /tls.clientCa and tls.clientSecretName need tls.secretName/],
    [{ tls: { secretName: "t", clientCa: certificate } }, /tls.clientCa needs tls.clientSecretName, .* helm test call/],
    [{ tls: { secretName: "t", clientCa: "ca.crt" } }, /at '\/tls\/clientCa': .* does not match pattern/],
    [{ page: { tokenSecretName: "t" } }, /page.tokenSecretName needs tls.secretName: .* pass in plain text/],
    [
      { forward: { targets: [{ name: "a", to: "https://a.example", tokenSecretName: "t" }] } },
      /tokenSecretName of the target a needs tls.secretName/,
    ],
    [{ networkPolicy: { from: [{ cidr: "10.0.0.0/8" }] } }, /additional properties 'cidr' not allowed/],
  ])("refuses %j with a sentence", (values, sentence) => {
    const { refusal } = renderChart(values);

    expect(refusal).toMatch(sentence);
    expect(refusal).not.toMatch(/nil pointer|goroutine/);
  });
});

/** The volumes of what calls the service. */
function callerVolumes(token: string) {
  return [
    { name: "service-ca", secret: { secretName: "tls", items: [{ key: "ca.crt", path: "ca.crt" }] } },
    { name: "client-certificate", secret: { secretName: "caller" } },
    { name: "token", secret: { secretName: token, items: [{ key: "token", path: "token" }] } },
  ];
}

const callerMounts = [
  { name: "service-ca", mountPath: "/service-ca", readOnly: true },
  { name: "client-certificate", mountPath: "/client-certificate", readOnly: true },
  { name: "token", mountPath: "/token", readOnly: true },
];

function kindsOf(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ kind }) => kind).sort();
}

function find(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  return objects.find((object) => object.kind === kind);
}

function workloadOf(objects: readonly KubernetesObject[]): KubernetesObject {
  return find(objects, "StatefulSet") ?? find(objects, "Deployment");
}

function podOf(objects: readonly KubernetesObject[]): KubernetesObject {
  return workloadOf(objects).spec.template.spec;
}

function containerOf(objects: readonly KubernetesObject[]): KubernetesObject {
  return podOf(objects).containers[0];
}

function environmentOf(objects: readonly KubernetesObject[]): Record<string, string> {
  return Object.fromEntries(containerOf(objects).env.map(({ name, value }: KubernetesObject) => [name, value]));
}

/** What the service reads in its settings' file. */
function fileSettingsOf(objects: readonly KubernetesObject[]) {
  const { file, faults } = parseConfigFile("config.yaml", find(objects, "ConfigMap").data["config.yaml"]);
  if (faults.length > 0) throw new Error(faults.join("\n"));
  return file;
}

/** What the service makes of the pod's environment and file; throws when it would refuse to start. */
function configOf(objects: readonly KubernetesObject[]) {
  return readConfig(environmentOf(objects), false, fileSettingsOf(objects));
}
