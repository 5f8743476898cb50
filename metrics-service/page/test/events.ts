import { type EventInit, Outcome } from "@activity-events/client";

type Fields = Partial<Omit<EventInit, "$typeName" | "$unknown">>;

/** A time of the wire, so many ms ago. */
export function ago(ms: number): { readonly seconds: bigint; readonly nanos: number } {
  const time = Date.now() - ms;
  return { seconds: BigInt(Math.floor(time / 1_000)), nanos: Math.floor(time % 1_000) * 1_000_000 };
}

export function started(deploymentId: string, fields: Fields = {}): EventInit {
  return event({ deploymentId, type: "deployment.started", service: "checkout", environment: "production", ...fields });
}

export function progress(deploymentId: string, message: string, fields: Fields = {}): EventInit {
  return event({ deploymentId, message, ...fields });
}

export function succeeded(deploymentId: string, fields: Fields = {}): EventInit {
  return event({ deploymentId, type: "deployment.finished", outcome: Outcome.SUCCESS, ...fields });
}

export function failed(deploymentId: string, fields: Fields = {}): EventInit {
  return event({ deploymentId, type: "deployment.finished", outcome: Outcome.FAILURE, ...fields });
}

export function rolledBack(deploymentId: string, fields: Fields = {}): EventInit {
  return event({ deploymentId, type: "deployment.rolledback", ...fields });
}

export function removed(deploymentId: string, fields: Fields = {}): EventInit {
  return event({ deploymentId, type: "service.removed", ...fields });
}

function event(fields: Fields): EventInit {
  return fields as EventInit;
}
