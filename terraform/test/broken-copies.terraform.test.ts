import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import { grantFaults, grantsThatGrant } from "./least-privilege.ts";
import { metricFaults } from "./metric-faults.ts";
import { accessYaml, planOf, prepare, settings } from "./planned-environment.ts";
import { productionFaults } from "./production-faults.ts";
import { timeFaults } from "./time-faults.ts";
import { makeWorkingCopy, type WorkingCopy } from "./working-copy.ts";

jest.setTimeout(300_000);

// What goes wrong in production when it is forgotten here. Each is done to a copy, and the tests must find it there; those
// of one module are found in one run, each by its own sentence.
describe("the tests find", () => {
  let copy: WorkingCopy | undefined;
  afterEach(() => copy?.remove());

  const broken = async (folder: string, breaks: (copy: WorkingCopy) => void): Promise<string> => {
    copy = makeWorkingCopy();
    breaks(copy);
    await copy.must(folder, "init", "-backend=false");
    const { exitCode, output } = await copy.terraform(folder, "test");
    expect(exitCode).toBe(1);
    return output.replace(/\n[│ ]*/g, " ");
  };

  test("a service without h2c, without cpu_idle, open to all, or with an image by tag", async () => {
    const output = await broken("modules/run-service", ({ replace }) => {
      replace("modules/run-service/main.tf", 'name           = "h2c"', 'name           = "http1"');
      replace("modules/run-service/main.tf", "cpu_idle          = var.cpu_idle", "");
      replace(
        "modules/run-service/variables.tf",
        'can(regex("^[^@\\\\s]+@sha256:[0-9a-f]{64}$", var.image))',
        'var.image != ""',
      );
      replace("modules/run-service/variables.tf", "principalSet):", "principalSet|allUsers)");
      replace(
        "modules/run-service/main.tf",
        "for_each = var.invokers",
        'for_each = merge(var.invokers, { everybody = "allUsers" })',
      );
    });

    expect(output).toContain("The container's port is not h2c");
    expect(output).toContain("cpu_idle is not said");
    expect(output).toContain("Somebody may call the service although nobody was named");
    expect(output).toMatch(/Missing expected failure.*var[.]image,/);
    expect(output).toMatch(/Missing expected failure.*var[.]invokers,/);
  });

  test("a page without WebSockets, without IAP, open to all, or that stays at its first image", async () => {
    const output = await broken("modules/metrics-service", ({ replace }) => {
      const main = "modules/metrics-service/main.tf";
      replace(main, 'name           = "http1"', 'name           = "h2c"');
      replace(main, "iap_enabled          = true", "iap_enabled          = false");
      replace(main, "for_each = var.viewers", 'for_each = merge(var.viewers, { everybody = "allUsers" })');
      replace(main, "template[0].revision,", "template[0].containers[0].image, template[0].revision,");
      replace("modules/metrics-service/variables.tf", "principalSet):", "principalSet|allUsers)");
    });

    expect(output).toContain("The container's port is not http1");
    expect(output).toContain("Whoever knows the address gets in");
    expect(output).toContain("Somebody may open the page although nobody was named");
    expect(output).toContain("A second apply would leave the page at the image before");
    expect(output).toMatch(/Missing expected failure.*var[.]viewers,/);
  });

  test("webhooks that push as anybody, lose dead letters, are not bound, or take any topic", async () => {
    const output = await broken("modules/webhooks", ({ replace }) => {
      const main = "modules/webhooks/main.tf";
      replace(main, "audience              = local.audience", "audience              = var.service_audience");
      replace(main, "max_instance_count = var.instances_max", "max_instance_count = 1000");
      replace(main, /for_each = google_pubsub_subscription[.]main/, "for_each = {}");
      replace("modules/webhooks/variables.tf", '"cloud-monitoring"], route', '"cloud-monitoring", "github"], route');
    });

    expect(output).toContain("A push comes as another account, or for another audience");
    expect(output).toContain("The number of instances is not bound");
    expect(output).toContain("dead_letter_subscriber");
    expect(output).toMatch(/Missing expected failure.*var[.]topics/);
  });

  test("a forward of two instances, without its bucket's rights, or with a cursor of its user's", async () => {
    const output = await broken("modules/forward", ({ replace }) => {
      replace("modules/forward/main.tf", "manual_instance_count = 1", "manual_instance_count = 2");
      replace("modules/forward/main.tf", 'mount_options = ["uid=65532", "gid=65532"]', "mount_options = []");
      replace("modules/forward/variables.tf", "to|cursor|url", "to|url");
    });

    expect(output).toContain("Everything is told twice");
    expect(output).toContain("The image's user may not write the cursor");
    expect(output).toMatch(/Missing expected failure.*var[.]flags/);
  });

  test("a purge without its admin, of any share, that gives up at once, or by an account that may do more", async () => {
    const output = await broken("modules/activity-events", ({ replace }) => {
      const variables = "modules/activity-events/variables.tf";
      replace(variables, "setintersection([local.expire_member", "setunion([local.expire_member");
      replace("modules/activity-events/main.tf", "{ expire = local.expire_member }", "{}");
    });
    copy?.remove();
    const ofJob = await broken("modules/expire", ({ replace }) => {
      const main = "modules/expire/main.tf";
      replace(main, '"expire", "--yes"', '"expire", "--yes", "--any-share"');
      replace(main, "max_retries = 3", "max_retries = 0");
      replace(main, "roles/run.invoker", "roles/run.developer");
    });

    expect(output).toMatch(/Missing expected failure.*var[.]retention_days/);
    expect(output).toContain("Nothing purges, or it may not call the service");
    expect(ofJob).toContain("The job runs another command");
    expect(ofJob).toContain("A call that ended early is not made again");
    expect(ofJob).toContain("The account may not start the job, or may do more to it");
  });

  test("an access file that no instance reads anew, or that a page shows nothing by", async () => {
    const output = await broken("modules/activity-events", ({ replace }) => {
      replace("modules/activity-events/main.tf", "access_secret    = local.access_secret", "");
      replace("modules/activity-events/main.tf", "basename(version.secret)", '"other"');
      replace("modules/activity-events/main.tf", "contains(local.iam_audiences, local.audience)", "true");
    });
    copy?.remove();
    const ofService = await broken("modules/run-service", ({ replace }) => {
      replace("modules/run-service/main.tf", 'version = "latest"', 'version = "1"');
    });

    expect(output).toContain("Service and page do not read it");
    expect(output).toMatch(/Missing expected failure.*google_secret_manager_secret_version[.]access/);
    expect(output).toContain("The page shows by no access file");
    expect(ofService).toContain("A changed access file waits for a roll-out");
  });

  test("a service that believes tokens which IAM has not verified", async () => {
    Object.assign(process.env, settings);
    copy = makeWorkingCopy();
    const { replace } = copy;
    await prepare(copy, "environments/dev");
    const planned = async () => {
      const { exitCode, output } = await (copy as WorkingCopy).terraform("environments/dev", "plan");
      return { exitCode, output: output.replace(/\s+[│ ]*\s*/g, " ") };
    };

    const guarded = await planned();
    replace("modules/run-service/main.tf", "invoker_iam_disabled = false", "invoker_iam_disabled = true");
    const disabled = await planned();
    replace("modules/run-service/main.tf", "invoker_iam_disabled = true", "invoker_iam_disabled = false");
    replace("modules/run-service/variables.tf", "principalSet):", "principalSet|allUsers)");
    replace(
      "modules/activity-events/main.tf",
      "{ build = local.builder },",
      '{ build = local.builder, everybody = "allUsers" },',
    );
    const open = await planned();

    expect(guarded.exitCode).toBe(0);
    expect(disabled).toEqual({
      exitCode: 1,
      output: expect.stringContaining("with invoker_iam_disabled IAM verifies none"),
    });
    expect(open).toEqual({
      exitCode: 1,
      output: expect.stringContaining("with allUsers among the invokers IAM verifies none"),
    });
  });

  test("dead letters that Pub/Sub's agent may not publish", async () => {
    const output = await broken("modules/topic", ({ replace }) =>
      replace(
        "modules/topic/main.tf",
        /resource "google_pubsub_topic_iam_member" "dead_letter_publisher" \{[^}]*\}/,
        "",
      ),
    );

    expect(output).toContain("dead_letter_publisher");
  });

  test("dead letters that Pub/Sub's agent may not take off the subscription", async () => {
    const output = await broken("modules/mirror", ({ replace }) =>
      replace(
        "modules/mirror/main.tf",
        /resource "google_pubsub_subscription_iam_member" "dead_letter_subscriber" \{[^}]*\}/,
        "",
      ),
    );

    expect(output).toContain("dead_letter_subscriber");
  });

  test("a prod without protection, with a role too wide, one too many and one too few, with too little time and wrong questions", async () => {
    Object.assign(process.env, settings);
    copy = makeWorkingCopy();
    const { replace } = copy;
    replace("environments/prod/main.tf", "deletion_protection   = true", "deletion_protection   = false");
    replace("modules/run-service/main.tf", "invoker_iam_disabled = false", "invoker_iam_disabled = true");
    replace("bootstrap/workloads.tf", '"roles/datastore.user"', '"roles/datastore.owner"');
    replace("bootstrap/main.tf", '"roles/run.admin",', '"roles/run.admin", "roles/iam.serviceAccountAdmin",');
    replace("modules/activity-events/main.tf", "sweep       = module.sweep.member", "");
    replace(
      "modules/activity-events/main.tf",
      "publishers = { mirror = module.mirror.member }",
      "publishers = { mirror = module.mirror.member, service = module.run_service.member }",
    );
    replace("modules/mirror/variables.tf", "default     = 120", "default     = 60");
    replace("modules/mirror/variables.tf", "default     = 600", "default     = 30");
    for (const text of ["var.timeout_seconds >= 120", "var.ack_deadline_seconds >= var.timeout_seconds"])
      replace("modules/mirror/variables.tf", text, "true");
    replace("modules/activity-events/main.tf", 'STREAM_MAX_AGE_SECONDS = "3300"', 'STREAM_MAX_AGE_SECONDS = "3600"');
    replace("modules/monitoring/dashboard.tf", 'aligner = "ALIGN_RATE"', 'aligner = "ALIGN_MAX"');
    replace("modules/monitoring/dashboard.tf", "metric.label.method", "metric.label.verb");
    replace("modules/monitoring/alerts.tf", "num_undelivered_messages", "num_undelivered");
    replace(
      "modules/monitoring/main.tf",
      "total_service_filter = local.metric_filter.calls",
      "total_service_filter = local.metric_filter.call_duration",
    );
    await prepare(copy, "environments/prod");
    await prepare(copy, "bootstrap");
    // With Cloud Run's issuer Terraform itself refuses that service.
    copy.write("environments/prod/access.yaml", accessYaml.replace("cloud-run", "https://accounts.google.com"));

    const plan = await planOf(copy, "environments/prod");
    const readme = readFileSync(join(copy.folder, "README.md"), "utf8");

    expect(productionFaults(plan)).toEqual([
      "Firestore lets the database be deleted",
      "Terraform lets the database be deleted",
      "Terraform lets the service be deleted",
      "a destroy takes half of it down",
      "Cloud Run lets in whoever calls",
    ]);
    const wider = (account: string) => [
      `${account} has roles/datastore.owner on the database \`activity-events\`: the plan gives it, the table does not say it`,
      `${account} has roles/datastore.user on the database \`activity-events\`: the table says it, the plan does not give it`,
    ];
    const publishes = (account: string, topic: string) =>
      `${account} has roles/pubsub.publisher on the topic \`${topic}\``;
    const grants = [...plan, ...(await planOf(copy, "bootstrap"))];
    expect(grantsThatGrant(grants)).toEqual(["activity-build has roles/iam.serviceAccountAdmin on the project"]);
    expect(grantFaults(grants, readme)).toEqual(
      [
        "activity-build has roles/iam.serviceAccountAdmin on the project: the plan gives it, the table does not say it",
        ...wider("activity-events"),
        ...wider("activity-mirror"),
        `${publishes("activity-events", "deployment-events")}: the plan gives it, the table does not say it`,
        `${publishes("activity-sweep", "activity-pokes")}: the table says it, the plan does not give it`,
      ].sort(),
    );
    expect(timeFaults(plan)).toEqual([
      "the function is ended before a run is, which takes up to 87000 ms",
      "the function is ended before a sweep is, which takes up to 71000 ms",
      "a push comes again while the function is at work",
      "Cloud Run ends a stream before the service does",
    ]);
    const unwritten = "pubsub.googleapis.com/subscription/num_undelivered, which nobody writes";
    const logged = "logging.googleapis.com/user/activity-events";
    expect(metricFaults(plan)).toEqual([
      `the alert Activity Events: dead-letters asks for ${unwritten}`,
      `the chart Calls by status asks for ALIGN_MAX and REDUCE_SUM of ${logged}/calls, a count`,
      `the chart Calls by method asks for the label verb, which ${logged}/calls has not`,
      `the chart Dead letters asks for ${unwritten}`,
      `the objective asks for ALIGN_DELTA and REDUCE_SUM of ${logged}/call_duration, a distribution`,
    ]);
  });
});
