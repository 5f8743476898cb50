import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";

const MiB = 1024 * 1024;
const program = join(import.meta.dirname, "..", "src", "main.ts");

afterEach(cleanUp);

test("many who read large pages of events at once are all answered, in bounded memory", async () => {
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir });
  const client = new ActivityEventsClient({ address, tls: false });
  const events = Array.from({ length: 45 }, () => ({ message: "m".repeat(60_000) }));
  await client.batchCreateEvents({ deploymentId: "d", events });
  client.close();
  const page = await startService({ dataDir, program, environment: { ACTIVITY_ADDRESS: address, PAGE_PORT: "0" } });
  const url = `http://${page.address}/api/deployments/d/events`;
  const read = async () => {
    const answer = await fetch(url);
    let bytes = 0;
    for await (const chunk of answer.body ?? []) bytes += chunk.length;
    return { status: answer.status, isWhole: bytes > 45 * 60_000 };
  };
  await read();

  let [most, before] = [0, page.residentBytes()];
  const watching = setInterval(() => {
    most = Math.max(most, page.residentBytes());
  }, 20);
  const answers = await Promise.all(Array.from({ length: 500 }, read));
  clearInterval(watching);

  expect(answers).toEqual(answers.map(() => ({ status: 200, isWhole: true })));
  process.stderr.write(`event pages: ${Math.round((most - before) / MiB)} MiB more\n`);
  expect(most - before).toBeLessThan(300 * MiB);
});

test("those who leave while they wait keep nobody waiting", async () => {
  const dataDir = temporaryFolder().path;
  const { address } = await startService({ dataDir });
  const client = new ActivityEventsClient({ address, tls: false });
  await client.createEvent({ event: { deploymentId: "d", message: "m" } });
  client.close();
  const page = await startService({ dataDir, program, environment: { ACTIVITY_ADDRESS: address, PAGE_PORT: "0" } });
  const url = `http://${page.address}/api/deployments/d/events`;

  for (let round = 0; round < 20; round += 1) {
    const leaving = new AbortController();
    const left = Array.from({ length: 10 }, () => fetch(url, { signal: leaving.signal }).catch(() => undefined));
    leaving.abort();
    await Promise.all(left);
  }

  expect((await fetch(url)).status).toBe(200);
});
