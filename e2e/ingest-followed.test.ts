import { connect, disconnectAll } from "@activity-events/testing/contract-client";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, jest, test } from "@jest/globals";
import { Follower } from "./follower.ts";
import { IngestProducer } from "./ingest-producer.ts";

// Takes seconds, but on a machine that is busy with other things it must not fail for that.
jest.setTimeout(300_000);

const deployments = Array.from({ length: 4 }, (_, index) => `release-${index}`);
const eventsTotal = 120_000;
const eventsEach = eventsTotal / deployments.length;

afterEach(async () => {
  disconnectAll();
  await cleanUp();
});

test("followers of deployments that events pour into see each event once, in order, and none stays behind", async () => {
  const service = await startService({ dataDir: temporaryFolder().path });
  const misplaced: string[] = [];
  const follow = (deploymentId: string) =>
    new Follower(connect(service.address), {
      deploymentId,
      // The producer deals the events out in turn.
      onEvent: ({ eventId, sequence }) => {
        const number = (Number(sequence) - 1) * deployments.length + deployments.indexOf(deploymentId);
        if (eventId !== `e-${number}`) misplaced.push(`${eventId} at ${sequence} of ${deploymentId}`);
      },
    });
  const [early, stalled] = [deployments.map(follow), deployments.map(follow)];
  for (const follower of [...early, ...stalled]) {
    await follower.until(() => follower.frames.includes("caught_up"));
  }

  for (const follower of stalled) follower.pause();
  const producer = new IngestProducer({ address: service.address, deployments, eventsTotal });
  const isMostIn = () => producer.acknowledged.length >= (eventsTotal * 3) / 4;
  await until(isMostIn, "most events are acknowledged");
  for (const follower of stalled) follower.resume();
  const late = deployments.map(follow);
  await producer.done;
  const reached = early.map(({ last }) => last);
  const all = [...early, ...stalled, ...late];
  await Promise.all(all.map((follower) => follower.reach(eventsEach)));
  await Promise.all(all.map((follower) => follower.until(() => follower.frames.at(-1) === "caught_up")));

  const fellBehind = (followers: readonly Follower[]) =>
    followers.map(({ frames }) => frames.filter((frame) => frame === "fell_behind").length).join(" ");
  process.stderr.write(
    `ingest-followed: at the end of ${eventsEach} events each the followers were at ${reached.join(", ")}; they fell behind ${fellBehind(early)} times, those that stalled ${fellBehind(stalled)}, those that came late ${fellBehind(late)}\n`,
  );
  expect(misplaced).toEqual([]);
  expect(all.map(({ broken }) => broken)).toEqual(all.map(() => undefined));
  expect(all.map(({ last }) => last)).toEqual(all.map(() => eventsEach));
  expect(producer.ends).toEqual([0]);
  // They were not served only once the producer had finished.
  expect(Math.min(...reached)).toBeGreaterThan(eventsEach / 2);
  // The test is about less if nobody ever fell behind.
  expect(stalled.every(({ frames }) => frames.includes("fell_behind"))).toBe(true);
});
