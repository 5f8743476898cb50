import {
  type WatchDeploymentsRequest,
  WatchDeploymentsRequestSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { DeploymentState } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import { fromJson, type JsonValue } from "@bufbuild/protobuf";
import { limits } from "../limits.ts";
import type { DeploymentFilter } from "../watch/deployment-filter.ts";
import { stateOf } from "../watch/held-deployment.ts";

/** A message of a page, checked. */
export type ParsedRequest =
  | { readonly kind: "subscribe"; readonly subscription: string; readonly wanted: ParsedWanted }
  | { readonly kind: "unsubscribe"; readonly subscription: string };

/** What a page subscribes to. */
export type ParsedWanted =
  | { readonly of: "deployments" | "now"; readonly filter: DeploymentFilter }
  | { readonly of: "deployment"; readonly deploymentId: string; readonly afterSequence: bigint };

type Fields = Readonly<Record<string, JsonValue | undefined>>;

/** Parses a message of a page; returns a sentence about the fault if it is none. */
export function parseLiveRequest(text: string): ParsedRequest | string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return "a message must be JSON";
  }
  const [name, others] = isObject(message) ? Object.keys(message) : [];
  if (!isObject(message) || name === undefined || others !== undefined || !isObject(message[name]))
    return "a message must hold subscribe or unsubscribe";
  const fields = message[name];
  const { subscription } = fields;
  if (typeof subscription !== "string" || subscription === "" || subscription.length > limits.subscriptionNameMax)
    return `subscription must be a text of 1 to ${limits.subscriptionNameMax} characters`;
  if (name === "unsubscribe") return { kind: "unsubscribe", subscription };
  if (name !== "subscribe") return "a message must hold subscribe or unsubscribe";
  const wanted = parseWanted(fields);
  return typeof wanted === "string" ? wanted : { kind: "subscribe", subscription, wanted };
}

function parseWanted({ subscription: _, ...fields }: Fields): ParsedWanted | string {
  const [of, others] = Object.keys(fields);
  if (of === undefined || others !== undefined) return "subscribe must hold deployments, now or deployment";
  const value = fields[of];
  if (of === "deployment") return isObject(value) ? parseDeployment(value) : "deployment must be an object";
  if (of !== "deployments" && of !== "now") return "subscribe must hold deployments, now or deployment";
  try {
    const filter = filterOf(fromJson(WatchDeploymentsRequestSchema, value ?? null));
    return filter === undefined ? `${of} has a state that is not known` : { of, filter };
  } catch {
    return `${of} must be a WatchDeploymentsRequest`;
  }
}

function parseDeployment({ deploymentId, afterSequence = "0" }: Fields): ParsedWanted | string {
  if (typeof deploymentId !== "string" || deploymentId === "") return "deployment.deploymentId must be a text";
  if (typeof afterSequence !== "string" || !/^\d{1,18}$/.test(afterSequence))
    return "deployment.afterSequence must be a decimal number";
  return { of: "deployment", deploymentId, afterSequence: BigInt(afterSequence) };
}

function filterOf({ filter, createTimeFrom }: WatchDeploymentsRequest): DeploymentFilter | undefined {
  const { environment = "", service = "", state = DeploymentState.UNSPECIFIED } = filter ?? {};
  const wanted = state === DeploymentState.UNSPECIFIED ? undefined : stateOf(state);
  if (wanted === "unspecified") return undefined;
  const fromUs = createTimeFrom === undefined ? 0 : Number(createTimeFrom.seconds) * 1_000_000;
  return {
    environment: environment || undefined,
    service: service || undefined,
    state: wanted,
    createTimeFromUs: fromUs,
  };
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
