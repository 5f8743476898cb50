import { constants } from "node:http2";
import { limits } from "@activity-events/event-store";
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import type { ByteBudget } from "../application/byte-budget.ts";
import { CallBytes } from "../application/call-bytes.ts";
import { Refusal } from "../application/refusal.ts";
import { BoundedCall, type RefuseCall } from "./bounded-call.ts";
import type { OpenConnections } from "./open-connections.ts";
import { isHealth } from "./request-weight.ts";
import { UnreceivedCalls } from "./unreceived-calls.ts";

interface BoundedCallsOptions {
  readonly budget: ByteBudget;
  readonly connections: OpenConnections;
  readonly refuse: RefuseCall;
}

/** What grpc-js passes each call through: bounds their number, their bytes, and the time in which they arrive. */
export class BoundedCalls {
  readonly #options: BoundedCallsOptions;
  readonly #unreceived = new UnreceivedCalls<BoundedCall>((call) => call.late());
  #count = 0;

  constructor(options: BoundedCallsOptions) {
    this.#options = options;
  }

  readonly interceptor: ServerInterceptor = ({ path, requestStream }, next) => {
    const { budget, connections, refuse } = this.#options;
    const { stream, encoding, connection } = connections.takeArrived();
    // Given up in the packet that brought it: nothing of it is started, so that a flood of resets costs as little as may be.
    if (stream.destroyed) return new ServerInterceptingCall(next);
    const callsMax = limits.callsMax + (isHealth(path) ? limits.healthCallsMax : 0);
    // A call that is refused with a status lasts until its caller has ended it, and there may be any number of them.
    if (this.#count >= callsMax + limits.refusedCallsMax) {
      stream.close(constants.NGHTTP2_REFUSED_STREAM);
      return new ServerInterceptingCall(next);
    }
    this.#count += 1;
    const bytes = new CallBytes(budget, connection);
    const unreceived = this.#unreceived;
    const call = new BoundedCall({ path, hasMany: requestStream, next, stream, encoding, bytes, unreceived, refuse });
    stream.once("close", () => {
      this.#count -= 1;
      call.over();
    });
    if (this.#count > callsMax) call.refuse(tooManyCalls());
    else call.admit();
    return call.intercepting;
  };
}

function tooManyCalls(): Refusal {
  return new Refusal("TOO_MANY_STREAMS", `the service has ${limits.callsMax} open calls, as many as it takes`, {
    metadata: { calls_max: `${limits.callsMax}` },
    retryDelayMs: 5_000,
  });
}
