import type { HttpFunction } from "@google-cloud/functions-framework";
import type { Webhooks } from "../webhooks.ts";
import { headersOf } from "./webhook-server.ts";

/** Makes the handler of functions-framework, which has read the body already and kept its bytes. */
export function handleRequest(webhooks: Pick<Webhooks, "answer">): HttpFunction {
  return async (request, response) => {
    const { method, path } = request;
    const body = request.rawBody ?? Buffer.alloc(0);
    const answer = await webhooks.answer({ method, path, headers: headersOf(request.headers), body });
    response.status(answer.status).set({ "cache-control": "no-store", ...answer.headers });
    response.type("application/json").send(`${JSON.stringify(answer.body)}\n`);
  };
}
