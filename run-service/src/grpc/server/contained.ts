import { status } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { refusalOf } from "../../application/refusal-of.ts";
import { statusOf } from "../errors/status.ts";
import type { Handler } from "./server.ts";

const lastWord = statusOf(refusalOf(undefined));

/**
 * A handler whose faults end its call and nothing else. A handler answers its own refusals; what comes here was thrown while it
 * did so, and would end the process.
 */
export function contained(path: string, handler: Handler, log: Logger): Handler {
  return (call, answer) => {
    const end = (error: unknown) => {
      attempt(() => log.error({ method: path.slice(1), code: status[lastWord.code], err: error }, "call"));
      // A unary call listens to nothing but its answer, a stream to its own event.
      if (call.listenerCount("error") > 0) attempt(() => call.emit("error", lastWord));
      else attempt(() => answer(lastWord));
    };
    try {
      return handler(call, answer)?.catch(end);
    } catch (error) {
      return end(error);
    }
  };
}

/** There is nobody left to tell of what the last word throws. */
function attempt(act: () => void): void {
  try {
    act();
  } catch {}
}
