import { nearestName, slipMax } from "../text/nearest-name.ts";

// The life cycle in the contract, `Event.type`. Other types are an open set.
const lifeCycleTypes = ["queued", "started", "progress", "finished", "rolledback"].map((name) => `deployment.${name}`);

/** Longest type that the contract allows, in bytes; the service refuses a longer one. */
const typeBytesMax = 256;

/**
 * Says why a type looks misspelt: it begins with `deployment.` or is a slip away from a type that does, and the service does
 * not know it. Such an event is stored but leaves the deployment's state as it is.
 */
export function typeProblem(type: string): string | undefined {
  if (type === "" || type.length > typeBytesMax || lifeCycleTypes.includes(type)) return undefined;
  const nearest = nearestName(type.toLowerCase().replaceAll("_", ""), lifeCycleTypes);
  if (nearest === undefined) return undefined;
  if (nearest.distance > slipMax && !/^deployments?\./i.test(type)) return undefined;
  const isNear = nearest.distance <= slipMax * 2;
  const meant = isNear ? `did you mean ${nearest.name}?` : `known are ${lifeCycleTypes.join(", ")}.`;
  return `type ${JSON.stringify(type)} is not known and changes no state; ${meant}`;
}
