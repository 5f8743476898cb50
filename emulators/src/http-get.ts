import { get } from "node:http";

/** Answer to a GET. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends a GET to `host:port`; returns undefined without an answer within 2 s. */
export function httpGet(host: string, path = "/"): Promise<HttpAnswer | undefined> {
  return new Promise((resolve) => {
    const request = get(`http://${host}${path}`, { agent: false, timeout: 2_000 }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("error", () => resolve(undefined));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    request.on("timeout", () => request.destroy());
    request.on("error", () => resolve(undefined));
    request.on("close", () => resolve(undefined));
  });
}
