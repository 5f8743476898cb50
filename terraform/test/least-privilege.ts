import type { PlannedResource } from "./planned-environment.ts";

/** Who may do what where. */
export interface Grant {
  readonly account: string;
  readonly role: string;
  readonly resource: string;
}

/** The grants of a plan, in the words of the table in terraform/README.md. */
function grantsIn(resources: readonly PlannedResource[]): readonly Grant[] {
  const policies = resources.filter(({ type }) => /_iam_(policy|binding)$/.test(type));
  if (policies.length > 0) throw new Error(`${policies[0]?.address} takes away what others were given`);
  return resources
    .filter(({ type }) => type.endsWith("_iam_member"))
    .map(({ type, values }) => ({
      account: accountOf(values.member),
      role: values.role,
      resource: resourceOf(type, values),
    }));
}

/** The grants in the table of a Markdown page whose first column is the account. */
function grantsInTable(markdown: string): readonly Grant[] {
  return [...markdown.matchAll(/^\| `([^`]+)` \| `(roles\/[^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, account = "", role = "", resource = "", why = ""]) => {
      if (why.trim() === "") throw new Error(`the table does not say why ${account} has ${role}`);
      return { account, role, resource: resource.trim() };
    },
  );
}

function accountOf(member: string): string {
  if (/^serviceAccount:service-.+@gcp-sa-pubsub[.]/.test(member)) return "Pub/Sub's agent";
  if (/^serviceAccount:service-.+@gcp-sa-iap[.]/.test(member)) return "IAP's agent";
  if (/^serviceAccount:service-.+@gcp-sa-monitoring-notification[.]/.test(member)) return "Cloud Monitoring's agent";
  return /^serviceAccount:([^@]+)@my-project[.]iam[.]gserviceaccount[.]com$/.exec(member)?.[1] ?? member;
}

// biome-ignore lint/suspicious/noExplicitAny: the values are whatever the provider's schema says
function resourceOf(type: string, values: any): string {
  const condition: string | undefined = values.condition?.[0]?.expression;
  switch (type) {
    case "google_project_iam_member": {
      const database = condition && /^resource[.]name == "projects\/[^/]+\/databases\/([^/"]+)"$/.exec(condition)?.[1];
      if (database) return `the database \`${database}\``;
      if (condition === undefined) return "the project";
      const bucket = /^resource[.]name[.]startsWith[(]"projects\/_\/buckets\/([^/"]+)\/"[)]$/.exec(condition)?.[1];
      if (bucket)
        return `the bucket \`${bucket.replace(/^gcf-v2-sources-.+-europe-west1$/, "gcf-v2-sources-NUMBER-europe-west1")}\``;
      throw new Error(`a role on the project has the condition ${condition}, which this does not know`);
    }
    case "google_pubsub_topic_iam_member":
      return `the topic \`${values.topic}\``;
    case "google_bigquery_table_iam_member":
      return `the table \`${values.dataset_id}.${values.table_id}\``;
    case "google_pubsub_subscription_iam_member":
      return `the subscription \`${values.subscription}\``;
    case "google_cloud_run_v2_service_iam_member":
      return `the service \`${values.name}\``;
    case "google_cloud_run_v2_job_iam_member":
      return `the job \`${values.name}\``;
    case "google_secret_manager_secret_iam_member":
      return `the secret \`${values.secret_id}\``;
    case "google_storage_bucket_iam_member":
      return `the bucket \`${values.bucket.replace("my-project", "PROJECT")}\``;
    case "google_artifact_registry_repository_iam_member":
      return `the repository \`${values.repository}\``;
    case "google_service_account_iam_member":
      return `the account \`${/serviceAccounts\/([^@]+)@/.exec(values.service_account_id)?.[1]}\``;
    default:
      throw new Error(`${type} is no grant that this knows`);
  }
}

/** Where a plan gives what the table does not say, or the other way round, a sentence each. */
export function grantFaults(resources: readonly PlannedResource[], markdown: string): readonly string[] {
  const given = grantsIn(resources).map(sentenceOf);
  const said = grantsInTable(markdown).map(sentenceOf);
  return [
    ...missingFrom(said, given).map((grant) => `${grant}: the plan gives it, the table does not say it`),
    ...missingFrom(given, said).map((grant) => `${grant}: the table says it, the plan does not give it`),
  ].sort();
}

// Who holds one of these on the project can give itself any other, or become an account that has it.
const roleThatGrants =
  /^roles[/](owner|editor|.*[.]securityAdmin|iam[.](organizationR|r)oleAdmin|iam[.]serviceAccount(Admin|ApiKeyAdmin|Creator|KeyAdmin|OpenIdTokenCreator|TokenCreator|User)|iam[.]workloadIdentityPoolAdmin|resourcemanager[.].*Admin|cloudbuild[.]builds[.]editor|secretmanager[.]admin|storage[.](admin|legacyBucketOwner))$/;

/** The grants on the project with which an account could get what it was not given, a sentence each. */
export function grantsThatGrant(resources: readonly PlannedResource[]): readonly string[] {
  const given = grantsIn(resources);
  if (given.length === 0) throw new Error("there is no grant in the plan");
  return given.filter(({ role, resource }) => resource === "the project" && roleThatGrants.test(role)).map(sentenceOf);
}

const sentenceOf = ({ account, role, resource }: Grant) => `${account} has ${role} on ${resource}`;

/** Those of `items` that are not in `list`, each as often as it is there more often. */
function missingFrom(list: readonly string[], items: readonly string[]): readonly string[] {
  const left = [...list];
  return items.filter((item) => {
    const index = left.indexOf(item);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
