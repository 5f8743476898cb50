import { cloudRunService, ofType, type PlannedResource, theOnly } from "./planned-environment.ts";

/** What a plan of prod lacks, a sentence each; none when it holds all that prod must have. */
export function productionFaults(resources: readonly PlannedResource[]): readonly string[] {
  const database = theOnly(resources, "google_firestore_database");
  const service = cloudRunService(resources, "activity-events");
  const page = cloudRunService(resources, "activity-page");
  const webhooks = cloudRunService(resources, "activity-webhooks");
  const open = ofType(resources, "google_cloud_run_v2_service_iam_member").filter(({ values }) =>
    /^all/.test(values.member),
  );
  const [container] = service.template[0].containers;
  const rules: Readonly<Record<string, boolean>> = {
    "Firestore lets the database be deleted": database.delete_protection_state === "DELETE_PROTECTION_ENABLED",
    "Terraform lets the database be deleted": database.deletion_policy === "PREVENT",
    "Terraform lets the service be deleted": service.deletion_protection === true,
    "a destroy takes half of it down": ofType(resources, "terraform_data").length === 1,
    "no point in time can be recovered":
      database.point_in_time_recovery_enablement === "POINT_IN_TIME_RECOVERY_ENABLED",
    "there is no daily backup": ofType(resources, "google_firestore_backup_schedule").length === 1,
    "the service may be without an instance": service.scaling[0].min_instance_count >= 2,
    "pokes may wait for the next request": container.resources[0].cpu_idle === false,
    "Cloud Run lets in whoever calls": service.invoker_iam_disabled === false,
    "the page is open to whoever calls": page.iap_enabled === true && page.invoker_iam_disabled === false,
    "something beside the webhooks is open to whoever calls":
      webhooks.invoker_iam_disabled === false && open.every(({ values }) => values.name === "activity-webhooks"),
    "the revision is named, so that the next one clashes": service.template[0].revision === null,
  };
  return Object.entries(rules)
    .filter(([, holds]) => !holds)
    .map(([fault]) => fault);
}
