import { readFile } from "node:fs/promises";
import { Access } from "@activity-events/access/access";
import { parseAccessFile } from "@activity-events/access/parse-access-file";
import type { Contender } from "../contender.ts";
import { bearer, claimsOf, type Proof, writeAccess } from "./bench-access.ts";
import { tokenWithout } from "./signing-key.ts";

/** Decisions between two looks at the clock. */
const decisionsAtOnce = 1_000;

const cloudRunFile = `issuers:
  - {issuer: cloud-run, audience: "https://activity.bench.example"}
bindings:
  - {role: admin, members: ["user:admin@bench.example"]}
  - {role: editor, members: ["user:producer@bench.example"]}
`;

interface DecisionOptions {
  readonly key: string;
  readonly title: string;
  /** How the token is proved; Cloud Run has verified its own before. */
  readonly proof: Proof | "cloud-run";
}

/** CPU time to tell who brings a token that was seen before, in µs. Without a server: the decision alone. */
export function decisionCost({ key, title, proof }: DecisionOptions): Contender {
  return {
    measures: [{ key, title, unit: "µs" }],
    async open(scratch) {
      const { path, token } = await writeAccess(scratch);
      const isCloudRun = proof === "cloud-run";
      const rules = parseAccessFile(isCloudRun ? cloudRunFile : await readFile(path, "utf8"), { path, isCloudRun });
      const access = new Access(rules);
      const credentials = bearer(isCloudRun ? tokenOfCloudRun() : token(proof));
      const { principal } = await access.authenticate(credentials);
      const faults: string[] = [];
      return {
        async round(ms) {
          const begun = performance.now();
          const before = process.cpuUsage();
          let decisions = 0;
          for (; performance.now() - begun < ms; decisions += decisionsAtOnce) {
            for (let decision = 0; decision < decisionsAtOnce; decision += 1) access.authenticate(credentials);
          }
          const { user, system } = process.cpuUsage(before);
          const caller = access.authenticate(credentials);
          if (caller instanceof Promise || caller.principal !== principal) faults.push(`${key}: ${principal} is lost`);
          return { values: [(user + system) / decisions] };
        },
        verify: async () => faults,
        close: async () => {},
      };
    },
  };
}

function tokenOfCloudRun(): string {
  return tokenWithout("SIGNATURE_REMOVED_BY_GOOGLE", { ...claimsOf("1"), iss: "https://accounts.google.com" });
}
