import { constants } from "node:http2";
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import type { ByteBudget } from "../../application/byte-budget.ts";
import { CallBytes } from "../../application/call-bytes.ts";
import { Refusal } from "../../application/refusal.ts";
import { limits } from "../../limits.ts";
import type { AccessGate, ArrivingCall } from "../access/access-gate.ts";
import { methodPermissions } from "../access/method-permissions.ts";
import { BoundedCall, type RefuseCall } from "./bounded-call.ts";
import type { Connections } from "./connections.ts";
import { UnreceivedCalls } from "./unreceived-calls.ts";

interface BoundedCallsOptions {
  readonly gate: AccessGate;
  readonly budget: ByteBudget;
  readonly connections: Connections;
  readonly refuse: RefuseCall;
}

/** Decision about a call: read it, refuse it with a status, or let HTTP/2 refuse it. */
type Admission = "open" | "refused" | "reset";

type Kind = "streams" | "calls" | "open";

const mostOf: Readonly<Record<Kind, number>> = {
  streams: limits.streamsMax,
  calls: limits.callsMax,
  open: limits.openCallsMax,
};

/** Intercepts every call: bounds their number, bytes and receive times. */
export class BoundedCalls {
  readonly #options: BoundedCallsOptions;
  readonly #unreceived = new UnreceivedCalls<BoundedCall>((call) => call.late());
  /** Open calls: streams, others, those that anybody may make, and refused calls that HTTP/2 has not released. */
  readonly #counts = { streams: 0, calls: 0, open: 0, refused: 0 };

  constructor(options: BoundedCallsOptions) {
    this.#options = options;
  }

  readonly interceptor: ServerInterceptor = ({ path, requestStream, responseStream }, next) => {
    const { budget, connections, gate, refuse } = this.#options;
    const { stream, encoding, connection, credentials } = connections.takeArrived();
    // Cancelled in the packet that started it: start nothing, so that a flood of resets costs as little as possible.
    if (stream.destroyed) return new ServerInterceptingCall(next);
    const bytes = new CallBytes(budget, connection);
    const permission = methodPermissions.get(path) ?? "admin";
    // Apart, so that nobody without credentials can take the places of those who have some.
    const kind = permission === "anybody" ? "open" : responseStream ? "streams" : "calls";
    const admission = this.#admissionOf(kind, bytes.callsOfConnection <= limits.fewCallsMax);
    if (admission === "reset") {
      bytes.over();
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return new ServerInterceptingCall(next);
    }
    const counted = admission === "open" ? kind : "refused";
    this.#counts[counted] += 1;
    const unreceived = this.#unreceived;
    const arriving: ArrivingCall = {
      method: path.slice(1),
      permission,
      isStream: responseStream,
      credentials,
      onOver: (callback) => stream.once("close", callback),
    };
    const call = new BoundedCall({
      path,
      hasMany: requestStream,
      next,
      stream,
      encoding,
      bytes,
      unreceived,
      refuse,
      admitted: () => gate.admit(arriving),
    });
    stream.once("close", () => {
      this.#counts[counted] -= 1;
      call.over();
    });
    if (admission === "open") call.admit();
    else call.refuse(tooMany(kind));
    return call.intercepting;
  };

  /** A connection with few calls gets one more after busy ones have used all. */
  #admissionOf(kind: Kind, hasFew: boolean): Admission {
    if (this.#counts[kind] < mostOf[kind] + (hasFew ? limits.spareCallsMax : 0)) return "open";
    // A call refused with a status lasts until its caller has ended it, and there may be many.
    return this.#counts.refused < limits.refusedCallsMax ? "refused" : "reset";
  }
}

function tooMany(kind: Kind): Refusal {
  const most = mostOf[kind];
  const what = kind === "open" ? "calls that need no credentials" : kind;
  return new Refusal("TOO_MANY_STREAMS", `the service has ${most} open ${what}, its limit`, {
    metadata: { [`${kind}_max`]: `${most}` },
    retryDelayMs: 5_000,
  });
}
