import { status } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { refusalOf } from "../../application/refusal-of.ts";
import { statusOf } from "../errors/status.ts";
import type { Handler } from "./server.ts";

const lastWord = statusOf(refusalOf(undefined));

/**
 * Wraps a handler so that its errors end only its call. Handlers answer their own refusals; an error here was thrown
 * while answering and would end the process.
 */
export function contained(path: string, handler: Handler, log: Logger): Handler {
  return (call, answer) => {
    const end = (error: unknown) => {
      attempt(() => log.error({ method: path.slice(1), code: status[lastWord.code], err: error }, "call"));
      // A unary call can only be answered; a stream can emit the error.
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

/** Ignores errors of the final answer; nobody is left to report them to. */
function attempt(act: () => void): void {
  try {
    act();
  } catch {}
}
