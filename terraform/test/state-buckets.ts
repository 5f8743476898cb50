import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** Buckets of Cloud Storage on this machine, as far as Terraform keeps states in them: of every name there is one. */
export interface StateBuckets extends AsyncDisposable {
  /** The contents by `bucket/name`. */
  readonly objects: ReadonlyMap<string, string>;
  /** What sends Terraform here. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts them, empty. Like Cloud Storage it makes an object only where it is of the generation that was asked for, 0 for none. */
export async function startStateBuckets(): Promise<StateBuckets> {
  const objects = new Map<string, string>();
  const generations = new Map<string, number>();
  const attributes = (key: string) => {
    const [bucket, ...name] = key.split("/");
    return { name: name.join("/"), bucket, generation: `${generations.get(key)}` };
  };
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://bucket");
    const answer = (status: number, body: object | string) => {
      response.writeHead(status, { "content-type": typeof body === "string" ? "text/plain" : "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };
    const refuse = (code: number) => answer(code, { error: { code, message: `${request.method} ${request.url}` } });
    const wanted = searchParams.get("ifGenerationMatch");
    const fits = (object: string) => wanted === null || Number(wanted) === (generations.get(object) ?? 0);
    const described = /^(?:[/]upload)?[/]storage[/]v1[/]b[/]([^/]+)[/]o(?:[/](.+))?$/.exec(pathname);
    const [, bucket = "", name] = described ?? [];
    const object = described ? `${bucket}/${decodeURIComponent(name ?? "")}` : pathname.slice(1);

    if (request.method === "POST" && pathname.startsWith("/upload/")) {
      const uploaded = `${bucket}/${searchParams.get("name")}`;
      const content = await contentOf(request);
      if (!fits(uploaded)) return refuse(412);
      objects.set(uploaded, content);
      generations.set(uploaded, Math.max(0, ...generations.values()) + 1);
      return answer(200, attributes(uploaded));
    }
    if (described && name === undefined) {
      const prefix = `${bucket}/${searchParams.get("prefix") ?? ""}`;
      return answer(200, { items: [...objects.keys()].filter((key) => key.startsWith(prefix)).map(attributes) });
    }
    const content = objects.get(object);
    if (content === undefined) return refuse(404);
    if (request.method === "DELETE") {
      if (!fits(object)) return refuse(412);
      objects.delete(object);
      generations.delete(object);
      response.writeHead(204).end();
      return;
    }
    answer(200, described ? attributes(object) : content);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    objects,
    environment: {
      GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT: `http://127.0.0.1:${port}/storage/v1/`,
      GOOGLE_OAUTH_ACCESS_TOKEN: "token",
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The second part of a multipart upload, which is the object. */
async function contentOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const [, boundary = ""] = /boundary=(.+)$/.exec(request.headers["content-type"] ?? "") ?? [];
  const [, , part = ""] = Buffer.concat(chunks).toString().split(`--${boundary}`);
  return part.slice(part.indexOf("\r\n\r\n") + 4, -2);
}
