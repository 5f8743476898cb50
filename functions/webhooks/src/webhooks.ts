import { ActivityEventsClient, ActivityEventsError } from "@activity-events/client";
import { MappingError } from "@activity-events/mappings";
import type { Logger } from "pino";
import type { Config } from "./config/config.ts";
import { type Answer, faultAnswer, laterAnswer, tooLargeAnswer } from "./http/answer.ts";
import type { WebhookRequest } from "./http/webhook-request.ts";
import { type Inbox, openInbox } from "./inbox/inbox.ts";
import { readInboxMessage } from "./inbox/inbox-message.ts";
import { limits } from "./limits.ts";
import { recordedAnswer } from "./record/answer-recorded.ts";
import { recordMappings } from "./record/record-mappings.ts";
import { Turns } from "./record/turns.ts";
import { inboxPath, inboxRoute } from "./routes/inbox-route.ts";
import type { Route } from "./routes/route.ts";
import { isOn, routesOf } from "./routes/routes.ts";

/** Turns the notifications of other tools into events of the service. */
export class Webhooks {
  readonly #client: ActivityEventsClient;
  readonly #routes: ReadonlyMap<string, Route>;
  readonly #inbox: Inbox | undefined;
  readonly #logger: Logger;
  readonly #turns = new Turns(limits.recordingMax);

  constructor(config: Config, logger: Logger) {
    this.#client = new ActivityEventsClient(config.service);
    this.#inbox = config.inbox === undefined ? undefined : openInbox(config.inbox);
    const routes = [...routesOf(config), ...(config.inbox === undefined ? [] : [inboxRoute(config.secrets)])];
    this.#routes = new Map(routes.map((route) => [route.path, route]));
    this.#logger = logger;
  }

  /** Routes that are on, and for the others how to turn them on. */
  get routes(): { readonly on: readonly string[]; readonly off: Readonly<Record<string, string>> } {
    const off = [...this.#routes.values()].flatMap(({ path, access }) => ("off" in access ? [[path, access.off]] : []));
    const on = [...this.#routes.values()].filter(isOn).map(({ path }) => path);
    return { on, off: Object.fromEntries(off) };
  }

  /** Most bytes of a body on a path. */
  bodyBytesMax(path: string): number {
    return path === inboxPath ? limits.inboxBodyBytesMax : limits.bodyBytesMax;
  }

  /** Answers a request, and logs a line. Never rejects. */
  async answer(request: WebhookRequest): Promise<Answer> {
    const beginMs = performance.now();
    const answer = await this.#answer(request).catch((error: unknown) => this.#answerError(error, request));
    const fields = { path: request.path, status: answer.status, duration_ms: Math.round(performance.now() - beginMs) };
    if (answer.status < 400) this.#logger.info(fields, "webhook");
    else this.#logger.warn({ code: "WEBHOOK_REFUSED", ...fields, ...answer.body }, "webhook");
    return answer;
  }

  close(): void {
    this.#client.close();
  }

  async #answer(request: WebhookRequest): Promise<Answer> {
    const { method, path, headers } = request;
    if (path === "/healthz" && (method === "GET" || method === "HEAD"))
      return { status: 200, body: { status: "SERVING" } };
    const route = this.#routes.get(path);
    if (route === undefined) return faultAnswer(404, `there is no route ${path}`);
    if (!isOn(route))
      return faultAnswer(404, `the route ${path} is off: ${"off" in route.access ? route.access.off : ""}`);
    if (method !== "POST") return { ...faultAnswer(405, `${path} takes POST`), headers: { allow: "POST" } };
    if (request.body.length > this.bodyBytesMax(path)) return tooLargeAnswer(this.bodyBytesMax(path));
    if (!(await route.access(request))) return faultAnswer(401, "the request does not prove who sends it");
    if (!route.takes(headers) || headers["content-encoding"] !== undefined) {
      return faultAnswer(415, "the content type is not one of this route, or the body is compressed", "content-type");
    }
    if (path === inboxPath) return this.#takeFromInbox(request);
    if (this.#inbox === undefined || route.isPush) return this.#record(route, request);
    await this.#inbox.keep(request);
    return { status: 202, body: { kept: path } };
  }

  /** Runs the route of a notification that was verified before it came into the inbox. */
  async #takeFromInbox(push: WebhookRequest): Promise<Answer> {
    const request = readInboxMessage(push.body);
    const route = this.#routes.get(request.path);
    if (route === undefined || route.path === inboxPath || route.isPush) {
      throw new MappingError(
        "message.data.route",
        `must be a route with an inbox; found ${JSON.stringify(request.path)}`,
      );
    }
    return this.#record(route, request);
  }

  async #record(route: Route, request: WebhookRequest): Promise<Answer> {
    const endMs = performance.now() + limits.recordTimeMs;
    const mappings = route.map(request);
    return this.#turns.run(async () => {
      if (performance.now() >= endMs) return laterAnswer("too many webhooks at once");
      return recordedAnswer(await recordMappings(mappings, { client: this.#client, endMs }), route);
    });
  }

  #answerError(error: unknown, { path }: WebhookRequest): Answer {
    if (error instanceof MappingError) return faultAnswer(400, error.message, error.field);
    if (error instanceof ActivityEventsError) return laterAnswer(`the service did not record it: ${error.message}`);
    this.#logger.error({ code: "WEBHOOK_FAILED", path, err: error }, "a webhook could not be handled");
    return laterAnswer("it could not be handled now");
  }
}
