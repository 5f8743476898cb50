import { rmSync } from "node:fs";
import { join } from "node:path";
import type { WorkingCopy } from "./working-copy.ts";

/** The environments, each a folder of `terraform/environments`. */
export const environments = ["dev", "staging", "prod"] as const;

/** A resource as it stands in a plan. */
export interface PlannedResource {
  readonly address: string;
  readonly type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the values are whatever the provider's schema says
  readonly values: any;
}

/** What the environments leave open, as somebody would say it who deploys. */
export const settings = {
  TF_VAR_analytics: "true",
  TF_VAR_forwards:
    '{ slack = { to = "slack", secrets = { FORWARD_URL = { secret = "slack-webhook", version = "1" } } } }',
  TF_VAR_image: `europe-west1-docker.pkg.dev/my-project/activity-events/activity-events@sha256:${"0".repeat(64)}`,
  TF_VAR_mirror_archive: "../../test/mirror.zip",
  TF_VAR_no_older_instances: "true",
  TF_VAR_page_viewers: "{}",
  TF_VAR_project_id: "my-project",
  TF_VAR_retention_days: '{ "*" = 90, production = 730 }',
  TF_VAR_uptime_check: "true",
  TF_VAR_webhooks: `{
    github_workflows = ["Deploy=production"]
    secrets          = { WEBHOOKS_GITHUB_SECRET = { secret = "github-webhooks", version = "1" } }
    topics           = { cloud-builds = "cloud-build", clouddeploy-operations = "cloud-deploy", clouddeploy-resources = "cloud-deploy" }
  }`,
} as const;

/** The file beside `main.tf` that those settings need: who may do what. */
export const accessYaml = `issuers: [{ issuer: cloud-run, audience: "https://activity-events.my-project" }]
bindings:
  - role: admin
    members: ["user:ada@example.com", "serviceAccount:activity-expire@my-project.iam.gserviceaccount.com"]
`;

/** Gives a folder of the copy a state of its own instead of the one in the bucket, an environment its access file, and prepares it. */
export async function prepare(copy: WorkingCopy, folder: string): Promise<void> {
  copy.write(join(folder, "backend_override.tf"), 'terraform {\n  backend "local" {}\n}\n');
  // The bucket that it would take over is not there.
  rmSync(join(copy.folder, folder, "import.tf"), { force: true });
  if (folder.startsWith("environments/")) copy.write(join(folder, "access.yaml"), accessYaml);
  await copy.must(folder, "init");
}

/** Plans a prepared folder into the file `plan` there, and tells all resources of it. */
export async function planOf(copy: WorkingCopy, folder: string): Promise<readonly PlannedResource[]> {
  await copy.must(folder, "plan", "-out=plan");
  const plan = JSON.parse(await copy.must(folder, "show", "-json", "plan"));
  return resourcesOf(plan.planned_values.root_module);
}

interface PlannedModule {
  readonly resources?: readonly (PlannedResource & { readonly mode: string })[];
  readonly child_modules?: readonly PlannedModule[];
}

function resourcesOf({ resources = [], child_modules = [] }: PlannedModule): readonly PlannedResource[] {
  return [...resources.filter(({ mode }) => mode === "managed"), ...child_modules.flatMap(resourcesOf)];
}

/** The resources of a type. */
export function ofType(resources: readonly PlannedResource[], type: string): readonly PlannedResource[] {
  return resources.filter((resource) => resource.type === type);
}

/** The values of the service on Cloud Run of this name. */
export function cloudRunService(
  resources: readonly PlannedResource[],
  name: "activity-events" | "activity-page" | "activity-webhooks",
): PlannedResource["values"] {
  const services = ofType(resources, "google_cloud_run_v2_service");
  return theOnly(
    services.filter(({ values }) => values.name === name),
    "google_cloud_run_v2_service",
  );
}

/** The values of the only resource of a type. */
export function theOnly(resources: readonly PlannedResource[], type: string): PlannedResource["values"] {
  const [one, ...others] = ofType(resources, type);
  if (one === undefined || others.length > 0) throw new Error(`there is not exactly one ${type} in the plan`);
  return one.values;
}
