import type { Caller } from "@activity-events/access/caller";
import type { ActivityEventsClient } from "@activity-events/client";
import type { HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Logger } from "pino";
import { AccessDeniedError, demandRead, type PageAccess } from "../access/page-access.ts";
import { ApiFault, faultOf } from "../api/api-fault.ts";
import { listDeployments } from "../api/list-deployments.ts";
import { listEvents } from "../api/list-events.ts";
import type { Reports } from "../api/reports.ts";
import { limits } from "../limits.ts";
import { ReadingTurns } from "../live/reading-turns.ts";
import { answerTurn } from "./answer-turn.ts";
import { isKnownHost } from "./known-host.ts";
import type { PageFile } from "./page-files.ts";
import type { RefusalLog } from "./refusal-log.ts";
import { securityHeaders } from "./security-headers.ts";

interface AppOptions {
  readonly client: Pick<ActivityEventsClient, "readDeployments" | "readEvents">;
  readonly reports: Reports;
  readonly files: ReadonlyMap<string, PageFile>;
  readonly access: PageAccess;
  readonly host: string;
  readonly allowedOrigins: readonly string[];
  readonly refusals: RefusalLog;
  readonly logger: Logger;
}

interface AppEnvironment {
  readonly Bindings: HttpBindings;
  /** The viewer of a request that was let in. */
  readonly Variables: { viewer: Caller };
}

/** Makes the HTTP answers: the page's files, the API, Prometheus' metrics and the health check. */
export function createApp({ client, reports, files, access, host, allowedOrigins, refusals, logger }: AppOptions) {
  const app = new Hono<AppEnvironment>();
  const turns = new ReadingTurns(limits.eventPagesAtOnce);
  app.use(securityHeaders);
  app.get("/healthz", (context) => context.json({ status: "SERVING" }));
  app.use(async (context, next) => {
    const { headers } = context.env.incoming;
    if (!isKnownHost(headers.host, { host, allowedOrigins })) {
      throw new ApiFault("PERMISSION_DENIED", "this is not a name of the page; see ALLOWED_ORIGINS");
    }
    context.set("viewer", await access.viewer(headers));
    await next();
  });
  for (const [path, file] of files) app.get(path, (context) => sendFile(context, file));
  const index = files.get("/index.html");
  for (const path of ["/", "/deployments", "/deployments/:id", "/delivery"]) {
    if (index !== undefined) app.get(path, (context) => sendFile(context, index));
  }
  app.get("/api/deployments", async (context) =>
    sendJson(context, await listDeployments(client, context.req.query(), context.var.viewer)),
  );
  app.get("/api/deployments/:id/events", async (context) => {
    demandRead(context.var.viewer, context.req.param("id"));
    const isThere = await answerTurn(turns, context.env.outgoing, limits.answerTimeMs);
    if (!isThere) return context.body(null);
    return sendJson(context, await listEvents(client, context.req.param("id"), context.req.query()));
  });
  app.get("/api/metrics", async (context) =>
    sendJson(context, await reports.delivery(context.req.query(), context.var.viewer)),
  );
  app.get("/metrics", async (context) => {
    if (context.var.viewer.granted("read") !== "all")
      throw new ApiFault("PERMISSION_DENIED", "these metrics are of all deployments, and you may not read all");
    const { contentType, body } = await reports.prometheus();
    return context.body(body, 200, { "content-type": contentType, "cache-control": "no-store" });
  });
  app.notFound((context) => sendFault(context, new ApiFault("NOT_FOUND", `there is no ${context.req.path}`)));
  app.onError((error, context) => {
    const fault = error instanceof AccessDeniedError ? new ApiFault(error.status, error.message) : faultOf(error);
    if (fault.status === "INTERNAL") {
      logger.error({ code: "REQUEST_FAILED", path: context.req.path, err: error }, "a request failed");
    }
    if (fault.status === "UNAUTHENTICATED" || fault.status === "PERMISSION_DENIED") {
      const { host } = context.env.incoming.headers;
      // Those who were not let in are no viewers.
      const viewer: Caller | undefined = context.get("viewer");
      refusals.note(context.req.path, { reason: fault.message, host, principal: viewer?.principal || undefined });
    }
    return sendFault(context, fault);
  });
  return app;
}

function sendFile(context: Context, { contentType, body, isImmutable }: PageFile): Response {
  return context.body(new Uint8Array(body), 200, {
    "content-type": contentType,
    "cache-control": isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
  });
}

function sendJson(context: Context, text: string): Response {
  return context.body(text, 200, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
}

function sendFault(context: Context, { status, message, httpStatus }: ApiFault): Response {
  return context.json({ error: { status, message } }, httpStatus as ContentfulStatusCode, {
    "cache-control": "no-store",
  });
}
