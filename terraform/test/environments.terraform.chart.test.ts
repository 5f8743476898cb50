import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { renderChart } from "@activity-events/testing/render-chart";
import { status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { parseAccessFile } from "../../access/src/parse-access-file.ts";
import { readConfig as readEmulatorsConfig } from "../../emulators/src/config.ts";
import { mirrorSubscription } from "../../emulators/src/topology.ts";
import { readConfig as readMirrorConfig } from "../../functions/mirror/src/config.ts";
import { readConfig as readWebhooksConfig } from "../../functions/webhooks/src/config/config.ts";
import { readConfig as readPageConfig } from "../../metrics-service/src/config/config.ts";
import { readConfig as readServiceConfig } from "../../run-service/src/config/config.ts";
import { isServerFault } from "../../run-service/src/grpc/errors/status.ts";
import { alertFaults } from "./alert-faults.ts";
import { grantFaults, grantsThatGrant } from "./least-privilege.ts";
import { mirrorLines, serviceLines } from "./logged-lines.ts";
import { entryOf, extract, matchesFilter } from "./logging-filter.ts";
import { metricFaults } from "./metric-faults.ts";
import {
  accessYaml,
  cloudRunService,
  environments,
  ofType,
  type PlannedResource,
  planOf,
  prepare,
  settings,
  theOnly,
} from "./planned-environment.ts";
import { productionFaults } from "./production-faults.ts";
import { timeFaults } from "./time-faults.ts";
import { makeWorkingCopy, type WorkingCopy } from "./working-copy.ts";

jest.setTimeout(300_000);

const root = join(import.meta.dirname, "..", "..");

describe("the environments", () => {
  let copy: WorkingCopy;
  const plans = new Map<string, readonly PlannedResource[]>();

  beforeAll(async () => {
    Object.assign(process.env, settings);
    copy = makeWorkingCopy();
    for (const environment of environments) {
      await prepare(copy, `environments/${environment}`);
      plans.set(environment, await planOf(copy, `environments/${environment}`));
    }
    await prepare(copy, "bootstrap");
    plans.set("bootstrap", await planOf(copy, "bootstrap"));
  });
  afterAll(() => copy?.remove());

  const plan = (name: string) => plans.get(name) ?? [];

  test("prod is protected, recoverable and never without an instance", () => {
    expect(productionFaults(plan("prod"))).toEqual([]);
  });

  test("dev costs nothing while nobody calls, and can be taken down", () => {
    const service = cloudRunService(plan("dev"), "activity-events");

    expect(cloudRunService(plan("dev"), "activity-page").scaling[0].min_instance_count).toBe(0);
    expect(service.scaling[0].min_instance_count).toBe(0);
    expect(service.template[0].containers[0].resources[0].cpu_idle).toBe(true);
    expect(service.deletion_protection).toBe(false);
    expect(theOnly(plan("dev"), "google_firestore_database").deletion_policy).toBe("DELETE");
  });

  test.each(environments)(
    "%s is made of the same things as the others, but for the protection of prod",
    (environment) => {
      const addresses = (name: string) =>
        plan(name)
          .map(({ address }) => address)
          .filter((address) => !address.includes("terraform_data.protection"))
          .sort();

      expect(addresses(environment)).toEqual(addresses("dev"));
    },
  );

  test.each(environments)("%s gives each account what the table says, and the table says all", (environment) => {
    const readme = readFileSync(join(root, "terraform", "README.md"), "utf8");

    expect(grantFaults([...plan(environment), ...plan("bootstrap")], readme)).toEqual([]);
  });

  test("no account can give itself what it was not given", () => {
    expect(grantsThatGrant([...plan("prod"), ...plan("bootstrap")])).toEqual([]);
  });

  test.each(environments)("%s gives service and mirror the time that they take", (environment) => {
    expect(timeFaults(plan(environment))).toEqual([]);
  });

  test.each(["outputs.tf", "variables.tf", "versions.tf"])("the environments share their %s", (file) => {
    const [dev, ...others] = environments.map((environment) =>
      readFileSync(join(root, "terraform", "environments", environment, file), "utf8"),
    );

    expect(others).toEqual([dev, dev]);
  });

  test("nothing but the webhooks is open to everybody, and nobody has a role that is all roles", () => {
    const members = plan("prod").filter(({ type }) => type.endsWith("_iam_member"));

    const open = members.filter(({ values }) => /^all/.test(values.member));
    expect(open.map(({ type, values }) => [type, values.name, values.role])).toEqual([
      ["google_cloud_run_v2_service_iam_member", "activity-webhooks", "roles/run.invoker"],
    ]);
    expect(members.filter(({ values }) => /^roles\/(owner|editor|viewer)$/.test(values.role))).toEqual([]);
  });

  test("the database has exactly the indexes that the queries need", () => {
    const { indexes, fieldOverrides } = JSON.parse(
      readFileSync(join(root, "event-store", "firestore.indexes.json"), "utf8"),
    );
    const planned = ofType(plan("prod"), "google_firestore_index").map(({ values }) => ({
      collectionGroup: values.collection,
      queryScope: values.query_scope,
      // biome-ignore lint/suspicious/noExplicitAny: as the provider's schema says
      fields: values.fields.map(({ field_path, order }: any) => ({ fieldPath: field_path, order })),
    }));
    const exempt = ofType(plan("prod"), "google_firestore_field").map(({ values }) => ({
      collectionGroup: values.collection,
      fieldPath: values.field,
      // biome-ignore lint/suspicious/noExplicitAny: as the provider's schema says
      indexes: values.index_config[0].indexes.map(({ order, query_scope }: any) => ({
        order,
        queryScope: query_scope,
      })),
    }));

    expect(sorted(planned)).toEqual(sorted(indexes));
    expect(sorted(exempt)).toEqual(sorted(fieldOverrides));
  });

  test("each alert names a section of the runbook, each code of the logs has its alert, and the runbook names no other", () => {
    const runbook = readFileSync(join(root, "docs", "runbook.md"), "utf8");

    expect(alertFaults(plan("prod"), runbook)).toEqual([]);
  });

  test("each metric counts the lines that service and mirror write, and no others", async () => {
    const entries = [
      ...(await serviceLines()).map((line) => entryOf("activity-events", line)),
      ...(await mirrorLines()).map((line) => entryOf("mirror", line)),
    ];
    const counted = (metric: string, ...fields: string[]) => {
      const [{ values } = { values: undefined }] = ofType(plan("prod"), "google_logging_metric").filter(
        (planned) => planned.values.name === `activity-events/${metric}`,
      );
      const extractors = { ...values.label_extractors, value: values.value_extractor };
      return entries
        .filter((entry) => matchesFilter(values.filter, entry))
        .map((entry) => fields.map((field) => extract(extractors[field], entry)).join(" "));
    };
    const service = "activityevents.v1.ActivityEventsService";
    const unary = ActivityEventsService.methods.filter(({ methodKind }) => methodKind === "unary");

    expect(counted("calls", "method", "code")).toEqual([
      `${service}/CreateEvent OK`,
      `${service}/CreateEvent ALREADY_EXISTS`,
      `${service}/BatchCreateEvents OK`,
      `${service}/GetEvent NOT_FOUND`,
      `${service}/ListEvents OK`,
      `${service}/StreamEvents OK`,
      `${service}/GetDeployment OK`,
      `${service}/ListDeployments OK`,
      "activityevents.ActivityEvents/CreateEvent OK",
      `${service}/GetDeployment UNAVAILABLE`,
      "activityevents.ActivityEvents/CreateEvent UNAUTHENTICATED",
      "activityevents.ActivityEvents/CreateEvent PERMISSION_DENIED",
    ]);
    expect(
      counted("call_duration", "value")
        .map(Number)
        .every((ms) => ms > 0),
    ).toBe(true);
    // Two calls of CreateEvent and of GetDeployment, one of each other method.
    expect(counted("call_duration", "value")).toHaveLength(unary.length + 2);
    // Whoever asks the store at that moment finds that it does not answer.
    const faults = counted("service_faults", "code").filter((code) => code !== "STORE_NOT_ANSWERING");
    expect(faults).toEqual(["STORE_DIED", "ACCESS_UNAUTHENTICATED", "ACCESS_DENIED"]);
    expect(counted("mirror_faults", "code")).toEqual([
      "EVENT_MISSING",
      "EVENT_UNREADABLE",
      "EVENT_REFUSED",
      "DEPLOYMENT_UNKNOWN",
      "PUBLISH_FAILED",
      "INTERNAL",
    ]);
    expect(counted("sweeps")).toHaveLength(1);
    expect(counted("mirror_lag", "value")).toEqual(["0"]);
  });

  test("alerts, charts and the objective ask for metrics that there are, as they can be told", () => {
    expect(metricFaults(plan("prod"))).toEqual([]);
  });

  test("what the service answers for its own fault counts against the objective", () => {
    const [sli] = theOnly(plan("prod"), "google_monitoring_slo").request_based_sli[0].good_total_ratio;
    const [, bad = ""] = /full_match\("([A-Z_|]+)"\)/.exec(sli.bad_service_filter) ?? [];
    const ours = Object.entries(status).filter(([, code]) => typeof code === "number" && isServerFault(code));

    // Beside them: what ran out of time, and what an instance would not take any more.
    expect(bad.split("|").sort()).toEqual(
      [...ours.map(([name]) => name), "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED"].sort(),
    );
  });

  test("service, mirror and emulators read the names that Terraform gives", () => {
    const dev = plan("dev");
    const service = environmentOf(cloudRunService(dev, "activity-events").template[0].containers[0].env);
    const mirror = theOnly(dev, "google_cloudfunctions2_function").service_config[0].environment_variables;
    const read = new Set<string>();
    const reading = (environment: NodeJS.ProcessEnv) =>
      new Proxy(environment, {
        get: (target, name) => {
          read.add(`${String(name)}`);
          return target[`${String(name)}`];
        },
      });

    const serviceConfig = readServiceConfig(reading({ ...service, K_SERVICE: "activity-events", PORT: "8080" }), false);
    const mirrorConfig = readMirrorConfig(reading(mirror));
    const emulators = readEmulatorsConfig({});

    expect([...Object.keys(service), ...Object.keys(mirror)].filter((name) => !read.has(name))).toEqual([]);
    expect(serviceConfig.pokeTopic).toBe(emulators.pokeTopic);
    expect(serviceConfig.retention.text).toBe("*=90, production=730");
    expect(mirrorConfig).toMatchObject({ pokeTopic: emulators.pokeTopic, eventsTopic: emulators.eventsTopic });
    expect(serviceConfig.pubsubEndpoint).toBe(mirrorConfig.pubsubEndpoint);
    expect(serviceConfig.store).toMatchObject({ projectId: "my-project", databaseId: mirrorConfig.databaseId });
    expect(ofType(dev, "google_pubsub_subscription").map(({ values }) => values.name)).toContain(mirrorSubscription);
    expect(ofType(dev, "google_pubsub_topic").map(({ values }) => values.name)).toEqual(
      expect.arrayContaining([emulators.pokeTopic, emulators.eventsTopic]),
    );
  });

  test("the page reads the names that Terraform gives, and checks IAP's signature", () => {
    const given = environmentOf(cloudRunService(plan("dev"), "activity-page").template[0].containers[0].env);
    const read = new Set<string>();
    const environment = { ...given, ACTIVITY_ADDRESS: "https://a.run.app", K_SERVICE: "activity-page", PORT: "8080" };
    const reading = new Proxy(environment, {
      get: (target: Readonly<Record<string, string | undefined>>, name) => {
        read.add(String(name));
        return target[String(name)];
      },
    });

    const config = readPageConfig(reading, false);

    expect(Object.keys(given).filter((name) => !read.has(name))).toEqual([]);
    expect(config).toMatchObject({
      access: { kind: "iap", audience: expect.stringMatching(/^\/projects\/.+\/services\/activity-page$/) },
      port: 8080,
      service: { tls: true, idTokenAudience: "https://activity-events.my-project" },
    });
  });

  test("the webhooks read the names that Terraform gives, and their inbox is pushed to them", () => {
    const service = cloudRunService(plan("dev"), "activity-webhooks");
    const given = environmentOf(service.template[0].containers[0].env);
    const read = new Set<string>();
    const environment = {
      ...given,
      ACTIVITY_ADDRESS: "https://a.run.app",
      K_SERVICE: "activity-webhooks",
      PORT: "8080",
    };
    const reading = new Proxy(environment, {
      get: (target: Readonly<Record<string, string | undefined>>, name) => {
        read.add(String(name));
        return target[String(name)];
      },
    });

    const config = readWebhooksConfig(reading, false);

    expect(Object.keys(given).filter((name) => !read.has(name))).toEqual([]);
    expect(config).toMatchObject({
      port: service.template[0].containers[0].ports[0].container_port,
      service: { tls: true, idTokenAudience: "https://activity-events.my-project" },
      inbox: { projectId: "my-project", topic: "webhook-inbox" },
      workflows: [{ name: "Deploy", environment: "production" }],
    });
    const pushes = ofType(plan("dev"), "google_pubsub_subscription").filter(({ values }) =>
      values.name.endsWith("-webhooks"),
    );
    expect(pushes.map(({ values }) => values.topic).sort()).toEqual([
      "cloud-builds",
      "clouddeploy-operations",
      "clouddeploy-resources",
      "webhook-inbox",
    ]);
    for (const { values } of pushes) {
      const [{ audience, service_account_email }] = values.push_config[0].oidc_token;
      expect(config.secrets.oidc).toMatchObject({ audience, accounts: [service_account_email] });
    }
  });

  test("the chart's pods read the names that Terraform gives", () => {
    const ofTerraform = environmentOf(cloudRunService(plan("dev"), "activity-events").template[0].containers[0].env);

    const { objects, refusal } = renderChart({ store: "firestore", googleCloudProject: "my-project" });
    const pods = objects.find(({ kind }) => kind === "Deployment")?.spec.template.spec.containers[0].env ?? [];
    const ofChart = environmentOf(pods);

    expect(refusal).toBe("");
    const shared = ["STORE", "GOOGLE_CLOUD_PROJECT", "FIRESTORE_DATABASE", "POKE_TOPIC"];
    expect(shared.map((name) => [name, ofChart[name]])).toEqual(shared.map((name) => [name, ofTerraform[name]]));
  });

  test("an image by tag is refused with a sentence", async () => {
    const tag = "-var=image=europe-west1-docker.pkg.dev/my-project/activity-events/activity-events:latest";

    const { exitCode, output } = await copy.terraform("environments/dev", "plan", tag);

    expect(exitCode).toBe(1);
    expect(output.replace(/\s+[│ ]*\s*/g, " ")).toContain("image must name a digest");
  });

  test("a second plan after an apply says that nothing changes", async () => {
    const apply = await copy.must("environments/dev", "apply", "plan");
    const again = await copy.terraform("environments/dev", "plan", "-detailed-exitcode");

    expect(apply).toMatch(/Apply complete! Resources: [1-9]\d+ added, 0 changed, 0 destroyed/);
    expect(again).toMatchObject({ exitCode: 0, output: expect.stringContaining("No changes.") });
  });

  test("an access.yaml beside main.tf comes to the service, which takes it and replaces nothing", async () => {
    const { TF_VAR_retention_days } = settings;
    rmSync(join(copy.folder, "environments/dev/access.yaml"));
    process.env.TF_VAR_retention_days = "{}";
    await copy.must("environments/dev", "apply", "-auto-approve");
    copy.write("environments/dev/access.yaml", accessYaml);

    const withFile = await planOf(copy, "environments/dev");
    const { template } = cloudRunService(withFile, "activity-events");
    const { ACCESS_FILE, ...given } = environmentOf(template[0].containers[0].env);
    const [volume] = template[0].volumes;
    const summary = await copy.must("environments/dev", "apply", "plan");
    process.env.TF_VAR_retention_days = TF_VAR_retention_days;

    const config = readServiceConfig({ ...given, ACCESS_FILE, K_SERVICE: "activity-events", PORT: "8080" }, false);
    const stored = theOnly(withFile, "google_secret_manager_secret_version");
    expect(config.accessFile).toBe("/access/access.yaml");
    expect(volume.secret[0].secret).toBe(stored.secret.split("/").at(-1));
    expect(parseAccessFile(stored.secret_data, { path: "access.yaml", isCloudRun: true }).cloudRun).toEqual({
      audiences: ["https://activity-events.my-project"],
    });
    expect(summary).toMatch(/Apply complete! Resources: 1 added, 2 changed, 0 destroyed/);
  });
});

function environmentOf(
  variables: readonly { readonly name: string; readonly value: string }[],
): Record<string, string> {
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

/** In an order that depends on what they are alone. */
function sorted<Item>(items: readonly Item[]): readonly Item[] {
  return [...items].sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
}
