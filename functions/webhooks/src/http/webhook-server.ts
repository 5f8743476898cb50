import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { limits } from "../limits.ts";
import type { Webhooks } from "../webhooks.ts";
import { type Answer, faultAnswer, laterAnswer, tooLargeAnswer } from "./answer.ts";
import { BodyBudget } from "./body-budget.ts";
import { readBody } from "./read-body.ts";

/** The HTTP server of the webhooks. Reads no more of a body than a route takes, and no more of all than the process may hold. */
export class WebhookServer {
  readonly #webhooks: Webhooks;
  readonly #budget = new BodyBudget(limits.bodiesBytesMax, limits.requestsMax);
  readonly #server: Server;

  constructor(webhooks: Webhooks) {
    this.#webhooks = webhooks;
    const options = {
      maxHeaderSize: limits.headerBytesMax,
      requestTimeout: limits.requestTimeMs,
      keepAliveTimeout: limits.idleTimeMs,
    };
    this.#server = createServer(options, (request, response) => void this.#serve(request, response));
    this.#server.maxConnections = limits.connectionsMax;
  }

  /** Listens; returns the port. Rejects if it cannot. */
  listen(host: string, port: number): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : port);
      });
    });
  }

  /** Takes no further connections, finishes what is being answered, and ends. */
  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const late = setTimeout(() => this.#server.closeAllConnections(), limits.drainTimeMs);
    await closed;
    clearTimeout(late);
    this.#webhooks.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request.url);
    const bytesMax = this.#webhooks.bodyBytesMax(path);
    const announced = Number(request.headers["content-length"] ?? bytesMax);
    if (announced > bytesMax) return send(response, tooLargeAnswer(bytesMax), true);
    const held = this.#budget.hold(announced);
    if (held === undefined) return send(response, laterAnswer("too many webhooks at once"), true);
    try {
      const body = await readBody(request, bytesMax);
      held.shrink(body?.length ?? 0);
      // What is not read may not be waited for, so the connection ends with the answer.
      if (body === undefined) return send(response, tooLargeAnswer(bytesMax), true);
      const { method = "" } = request;
      send(response, await this.#webhooks.answer({ method, path, headers: headersOf(request.headers), body }), false);
    } catch {
      // The sender left before its request was whole.
      send(response, faultAnswer(400, "the request is not whole"), true);
    } finally {
      held.release();
    }
  }
}

function send(response: ServerResponse, { status, body, headers }: Answer, isLast: boolean): void {
  if (isLast) response.setHeader("connection", "close");
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store", ...headers });
  response.end(`${JSON.stringify(body)}\n`);
}

function pathOf(url = "/"): string {
  return url.split("?", 1)[0] ?? "/";
}

/** Joins repeated headers; Node itself keeps the first of those that may come once. */
export function headersOf(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : value]),
  );
}
