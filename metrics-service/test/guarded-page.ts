import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type StartedHttp, startPage } from "@activity-events/testing/http-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { startIssuer, type TokenInit } from "@activity-events/testing/token-issuer";

/** Audience of the page's tokens; the access file names the service's. */
const audience = "https://page.example";

/** A page in a process of its own, with an access file and an issuer of the tokens by which viewers are known. */
export interface GuardedPage extends AsyncDisposable {
  readonly url: string;
  readonly process: StartedHttp["process"];
  /** Makes the `authorization` of a person. */
  bearer(email: string, init?: TokenInit): Promise<string>;
  /** Replaces the bindings, and waits until the page has judged the file. */
  change(bindings: string): Promise<void>;
}

interface GuardedPageOptions {
  /** Address of the service, `HOST:PORT`. */
  readonly service: string;
  /** YAML of the bindings. */
  readonly bindings: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a page whose viewers are known by tokens, and that shows them what the bindings say. */
export async function startGuardedPage({
  service,
  bindings,
  environment = {},
}: GuardedPageOptions): Promise<GuardedPage> {
  const issuer = await startIssuer(audience);
  const folder = temporaryFolder();
  const file = join(folder.path, "access.yaml");
  const write = (text: string) =>
    writeFileSync(
      file,
      `issuers:
  - issuer: ${issuer.url}
    audience: https://activity.example
    groups_claim: groups
bindings:
  - { role: admin, members: ["user:ada@example.com"] }
${text}`,
    );
  write(bindings);
  const page = await startPage({
    service,
    environment: {
      ACCESS_FILE: file,
      PAGE_ACCESS: "oidc",
      OIDC_ISSUER: issuer.url,
      OIDC_AUDIENCE: audience,
      ...environment,
    },
  });
  const judged = () =>
    page.process.log.filter(({ code }) => code === "ACCESS_READ" || code === "ACCESS_REFUSED").length;
  return {
    url: page.url,
    process: page.process,
    bearer: async (email, init = {}) => {
      const claims = { email, email_verified: true, ...init.claims };
      return `Bearer ${await issuer.token({ ...init, claims })}`;
    },
    change: async (text) => {
      const before = judged();
      write(text);
      await page.process.line(() => judged() > before);
    },
    [Symbol.asyncDispose]: async () => {
      await page[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}
