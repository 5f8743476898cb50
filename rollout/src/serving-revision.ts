import type { Service } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { lastName } from "./resource-name.ts";

/** Returns the revision with all traffic. Throws `StoppedError` if the traffic is split. */
export function servingRevision(service: Service): string {
  const serving = (service.trafficStatuses ?? []).filter(({ percent }) => (percent ?? 0) > 0);
  const [only] = serving;
  if (serving.length > 1) {
    const split = serving.map(({ revision, percent }) => `${lastName(revision)} ${percent} %`).join(", ");
    throw new StoppedError(`The traffic is split (${split}), but not by this command. Move it to one revision first.`);
  }
  // The status may omit the name if the traffic follows the latest revision.
  const revision = lastName(only?.revision) || lastName(service.latestReadyRevision);
  if (revision === "") throw new StoppedError("The service has no ready revision to roll back to.");
  return revision;
}
