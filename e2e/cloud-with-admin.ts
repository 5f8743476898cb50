import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ClientResult, runClient } from "@activity-events/cli/test/e2e/running-client";
import { ActivityEventsClient } from "@activity-events/client";
import { atEnd, type Cloud, startCloud } from "@activity-events/testing/cloud-stack";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";

const token = "the-admin-token";

/** The whole system on the emulators, with an access file of one admin; everybody reads. */
export interface CloudWithAdmin {
  readonly cloud: Cloud;
  /** A client of each service that calls as the admin. */
  readonly clients: readonly [ActivityEventsClient, ...ActivityEventsClient[]];
  /** Runs activity_client as the admin at the first service; the arguments are in one string, parted by spaces. */
  asAdmin(line: string): Promise<ClientResult>;
}

/** Starts it, by default with two service processes. */
export async function startCloudWithAdmin({ services = 2 } = {}): Promise<CloudWithAdmin> {
  const folder = temporaryFolder();
  atEnd(async () => folder[Symbol.dispose]());
  const [accessFile, tokenFile] = [join(folder.path, "access.yaml"), join(folder.path, "admin.token")];
  writeFileSync(tokenFile, token, { mode: 0o600 });
  writeFileSync(
    accessFile,
    `tokens:
  - name: admin
    sha256: ${createHash("sha256").update(token).digest("hex")}
bindings:
  - role: admin
    members: ["token:admin"]
  - role: reader
    members: [all]
`,
  );
  const cloud = await startCloud({ services, serviceEnvironment: { ACCESS_FILE: accessFile } });
  const open = (address: string) => {
    const client = new ActivityEventsClient({ address, tls: false, token: () => token });
    atEnd(async () => client.close());
    return client;
  };
  const [address = "", ...others] = cloud.addresses;
  return {
    cloud,
    clients: [open(address), ...others.map(open)],
    asAdmin: (line) => runClient({ args: ["--token-file", tokenFile, ...line.split(" ")], address }),
  };
}
