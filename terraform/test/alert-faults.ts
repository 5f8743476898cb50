import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faultCodes } from "../../functions/mirror/src/mirror-fault.ts";
import { ofType, type PlannedResource } from "./planned-environment.ts";

const root = join(import.meta.dirname, "..", "..");

// What others sent, and was answered: nobody has to be woken for it.
const mirrorCodesWithoutAlert = ["DEPLOYMENT_UNKNOWN", "MESSAGE_INVALID"];
// What admins did, the end of each look that the store takes at itself, and what came of a changed file.
const serviceCodesWithoutAlert = ["ACCESS_READ", "ADMIN_CALL", "CONFIG_READ", "STORE_SCRUBBED", "TLS_READ"];
// Cloud Run ends TLS itself: there the service refuses the settings.
const codesOfOtherPlatforms = ["TLS_CERTIFICATE_ENDS", "TLS_REFUSED"];

/** Where alerts, runbook and the codes in the code do not agree, a sentence each. */
export function alertFaults(resources: readonly PlannedResource[], runbook: string): readonly string[] {
  const policies = ofType(resources, "google_monitoring_alert_policy").map(({ values }) => values);
  const names = policies.map(({ display_name }) => display_name.replace("Activity Events: ", ""));
  const sections = [...runbook.matchAll(/^## ([a-z-]+)$/gm)].map(([, name = ""]) => name);
  const faults = policies
    .filter(({ documentation }, index) => !documentation[0].content.includes(`#${names[index]})`))
    .map(({ display_name }) => `${display_name} does not name its section of the runbook`);

  const filters = policies.flatMap(({ conditions }) =>
    // biome-ignore lint/suspicious/noExplicitAny: as the provider's schema says
    conditions.map((one: any) => (one.condition_threshold[0] ?? one.condition_absent[0]).filter ?? ""),
  );
  return [
    ...faults,
    ...differences("alerts", names, "sections of the runbook", sections),
    ...differences(
      "codes that alerts count for the mirror",
      codesIn(filters, "mirror_faults"),
      "codes of the mirror",
      faultCodes.filter((code) => !mirrorCodesWithoutAlert.includes(code)),
    ),
    ...differences(
      "codes that alerts count for the service",
      codesIn(filters, "service_faults"),
      "codes of the service",
      codesOfService().filter((code) => ![...serviceCodesWithoutAlert, ...codesOfOtherPlatforms].includes(code)),
    ),
  ];
}

/** The codes that filters on a metric look for. */
function codesIn(filters: readonly string[], metric: string): readonly string[] {
  return filters
    .filter((filter) => filter.includes(`/activity-events/${metric}"`))
    .flatMap(
      (filter) =>
        /metric[.]labels[.]code=(?:monitoring[.]regex[.]full_match[(])?"([^"]+)"/.exec(filter)?.[1]?.split("|") ?? [],
    );
}

/** The codes that stand in the sources of the service and of the packages that log for it, other than gRPC's. */
function codesOfService(): readonly string[] {
  const sources = globSync("{run-service,access,process}/src/**/*.ts", { cwd: root }).map((file) =>
    readFileSync(join(root, file), "utf8"),
  );
  return [
    ...new Set(sources.flatMap((source) => [...source.matchAll(/\bcode: "([A-Z_]+)"/g)].map(([, code = ""]) => code))),
  ];
}

function differences(
  these: string,
  left: readonly string[],
  those: string,
  right: readonly string[],
): readonly string[] {
  return [
    ...left
      .filter((item) => !right.includes(item))
      .map((item) => `${item} is among the ${these}, not among the ${those}`),
    ...right
      .filter((item) => !left.includes(item))
      .map((item) => `${item} is among the ${those}, not among the ${these}`),
  ];
}
