import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { endClients, runClient } from "@activity-events/cli/test/e2e/running-client";
import { ActivityEventsClient, Outcome } from "@activity-events/client";
import { atEnd, closeAll } from "@activity-events/testing/cloud-stack";
import { disconnectAll } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { startCloudWithAdmin } from "./cloud-with-admin.ts";
import { readMirrored } from "./firestore-documents.ts";

// EVENTS=50000 is a store of some months.
const eventsTotal = Number(process.env.EVENTS || 2_000);
const perDeployment = Math.min(500, eventsTotal / 10);
const deployments = eventsTotal / perDeployment;

afterEach(async () => {
  await endClients();
  await cleanUp();
  disconnectAll();
  await closeAll();
});

test(
  `moves ${eventsTotal} events from SQLite to Firestore and back, and the last export is the first, byte for byte`,
  async () => {
    const { cloud, asAdmin } = await startCloudWithAdmin({ services: 1 });
    const [source, target] = [await startEmbedded(), await startEmbedded()];
    const exports = temporaryFolder().path;
    const [first, second, third] = [join(exports, "first"), join(exports, "second"), join(exports, "third")];
    await fill(source.address);
    for (const line of ["redact d-1 d-1-2 --yes", "delete d-2", "purge d-3 --yes"]) {
      expect(await source.asAdmin(line)).toMatchObject({ exitCode: 0 });
    }
    const told: string[] = [];
    const step = async (name: string, running: ReturnType<typeof asAdmin>) => {
      const begunMs = performance.now();
      expect(await running).toMatchObject({ exitCode: 0 });
      told.push(`${name} ${((performance.now() - begunMs) / 1_000).toFixed(1)} s`);
    };

    await step("export from SQLite", source.asAdmin(`export ${first}`));
    await step("import into Firestore", asAdmin(`import ${first}`));
    await step("export from Firestore", asAdmin(`export ${second}`));
    await step("import into SQLite", target.asAdmin(`import ${second}`));
    await step("export from SQLite", target.asAdmin(`export ${third}`));
    await step("verify on Firestore", asAdmin("verify"));
    await step("verify on SQLite", target.asAdmin("verify"));

    told.push(`service on Firestore at most ${mostMiB(cloud.services[0]?.pid)} MiB`);
    told.push(`on SQLite ${mostMiB(source.pid)} and ${mostMiB(target.pid)} MiB`);
    const { size } = await stat(first);
    process.stderr.write(`moved-store: ${eventsTotal} events, ${size} bytes; ${told.join(", ")}\n`);
    expect(readFileSync(second).equals(readFileSync(first))).toBe(true);
    expect(readFileSync(third).equals(readFileSync(first))).toBe(true);
    const mirrored = async () => [...(await readMirrored(cloud.projectId)).values()].reduce((all, one) => all + one, 0);
    // Of the purged deployment nothing was imported that could be mirrored; of the redacted one there is a notice.
    const imported = eventsTotal - perDeployment + 1;
    await until(async () => (await mirrored()) >= imported, "what was imported is mirrored");
    expect(cloud.log.filter(({ code }) => code === "EVENT_MISSING")).toEqual([]);
    expect(cloud.deaths).toEqual([]);
  },
  300_000 + eventsTotal * 20,
);

/** Starts a service with a SQLite store of its own, and tells how to call as its admin. */
async function startEmbedded() {
  const dataDir = temporaryFolder().path;
  const { address, pid } = await startService({ dataDir });
  const asAdmin = (line: string) => runClient({ args: line.split(" "), address, environment: { DATA_DIR: dataDir } });
  return { address, pid, asAdmin };
}

async function fill(address: string): Promise<void> {
  const client = new ActivityEventsClient({ address, tls: false });
  atEnd(async () => client.close());
  for await (const { kind } of client.ingestEvents(events())) expect(kind).toBe("stored");
}

function* events() {
  for (let sequence = 1; sequence <= perDeployment; sequence += 1) {
    for (let deployment = 0; deployment < deployments; deployment += 1) {
      const deploymentId = `d-${deployment}`;
      const common = { deploymentId, eventId: `${deploymentId}-${sequence}`, service: "shop", actor: "ann" };
      if (sequence === 1) yield { ...common, type: "deployment.started", environment: "production" };
      else if (sequence === perDeployment) {
        yield { ...common, type: "deployment.finished", outcome: Outcome.SUCCESS };
      } else {
        const message = `step ${sequence} of the roll-out on ${deployment} machines`;
        yield { ...common, type: "deployment.progress", message, labels: { step: `${sequence}` }, data: { sequence } };
      }
    }
  }
}

/** The most resident memory that a process has had, in MiB. */
function mostMiB(pid = 0): number {
  const kB = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kB) / 1_024);
}
