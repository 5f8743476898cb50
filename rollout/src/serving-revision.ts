import type { Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { lastName } from "./resource-name.ts";

/** The revision that has all traffic; throws `StoppedError` when it is spread. */
export function servingRevision(service: Service): string {
  const serving = (service.trafficStatuses ?? []).filter(({ percent }) => (percent ?? 0) > 0);
  const [only] = serving;
  if (serving.length > 1) {
    const split = serving.map(({ revision, percent }) => `${lastName(revision)} ${percent} %`).join(", ");
    throw new StoppedError(
      `The traffic is spread (${split}), and by no roll-out of this command. Put it on one revision first.`,
    );
  }
  // Where the traffic follows the latest revision, the status may leave its name out.
  const revision = lastName(only?.revision) || lastName(service.latestReadyRevision);
  if (revision === "")
    throw new StoppedError("The service has no revision that is ready; there is nothing to go back to.");
  return revision;
}
