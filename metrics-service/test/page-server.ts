import { openLog } from "@activity-events/process/log";
import { openPageAccess } from "../src/access/open-page-access.ts";
import type { PageAccess } from "../src/access/page-access.ts";
import type { PageFile } from "../src/http/page-files.ts";
import { PageServer } from "../src/page-server.ts";

interface TestPageOptions {
  /** Address of the service, `HOST:PORT`. */
  readonly service: string;
  readonly access?: PageAccess;
  readonly allowedOrigins?: readonly string[];
  readonly port?: number;
}

/** A page's server in this process, with one file. */
export interface TestPage extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  end(): Promise<void>;
}

const files = new Map<string, PageFile>([
  [
    "/index.html",
    { contentType: "text/html; charset=utf-8", body: Buffer.from("<title>page</title>"), isImmutable: false },
  ],
  ["/assets/app-1.js", { contentType: "text/javascript", body: Buffer.from("1"), isImmutable: true }],
]);

/** Serves a page of the service, until it is disposed of. */
export async function openPage(options: TestPageOptions): Promise<TestPage> {
  const { service, access = openPageAccess({ kind: "loopback" }), allowedOrigins = [], port = 0 } = options;
  const { logger } = await openLog({ logLevel: "silent", logFormat: "json" });
  const address = { address: service, tls: false };
  const server = new PageServer({ service: address, files, access, host: "127.0.0.1", allowedOrigins, logger });
  const bound = await server.listen(port);
  let ended: Promise<void> | undefined;
  const end = () => {
    ended ??= server.end();
    return ended;
  };
  return { port: bound, url: `http://127.0.0.1:${bound}`, end, [Symbol.asyncDispose]: end };
}
