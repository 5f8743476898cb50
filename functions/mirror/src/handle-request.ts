import type { HttpFunction, Request, Response } from "@google-cloud/functions-framework";
import { logFault } from "./log-fault.ts";
import { messageIdOf, type PushedMessage, parsePush } from "./pushed-message.ts";
import { type MirrorRunOptions, runMirror } from "./run-mirror.ts";
import { runReplay } from "./run-replay.ts";
import { runSweep } from "./run-sweep.ts";

/**
 * Makes the function's handler: answers probes and handles pushes. Pub/Sub takes 204 as an acknowledgement and
 * redelivers after any other status. Invalid messages are therefore acknowledged; platform faults (503) and bugs (500)
 * are not.
 */
export function handleRequest(options: MirrorRunOptions): HttpFunction {
  return async (request: Request, response: Response): Promise<void> => {
    if (request.method === "GET" || request.method === "HEAD") {
      response.status(200).type("text/plain").send("mirror\n");
    } else if (request.method !== "POST") {
      response.set("allow", "GET, HEAD, POST").sendStatus(405);
    } else {
      response.sendStatus(await answerPush(request.body, options));
    }
  };
}

function run(message: Exclude<PushedMessage, { kind: "invalid" }>, options: MirrorRunOptions) {
  switch (message.kind) {
    case "poke":
      return runMirror(message.deploymentId, options);
    case "replay":
      return runReplay(message, options);
    case "sweep":
      return runSweep(options);
  }
}

async function answerPush(body: unknown, options: MirrorRunOptions): Promise<204 | 500 | 503> {
  const message = parsePush(body);
  if (message.kind === "invalid") {
    const fields = { code: "MESSAGE_INVALID", reason: message.reason, message_id: messageIdOf(body) } as const;
    logFault(options.logger, fields, "a message that makes no sense was acknowledged");
    return 204;
  }
  const end = await run(message, options);
  if (end.kind !== "failed") return 204;
  return end.code === "INTERNAL" ? 500 : 503;
}
