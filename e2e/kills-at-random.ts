import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "@activity-events/testing/cloud-stack";
import type { SeededRandom } from "@activity-events/testing/seeded-random";

interface KillOptions {
  /** Is counted up. */
  readonly kills: Kills;
  readonly random: SeededRandom;
  /** No process is killed any more; those that are dead come back. */
  readonly isOver: () => boolean;
  /** Resolves when the mirror begins to work, or all is over. */
  readonly nextPush: () => Promise<unknown>;
}

/** What was killed until now, and how often. */
export interface Kills {
  ofServices: number;
  ofMirror: number;
}

/** Kills processes by kill -9, again and again, and starts them anew; resolves when it is over and all are back. */
export async function killAtRandom(cloud: Cloud, { kills, random, isOver, nextPush }: KillOptions): Promise<void> {
  const { services, mirror } = cloud;
  const killServices = async () => {
    for (;;) {
      await sleep(random.between(500, 2_500));
      if (isOver()) return;
      // Now and then nobody is there for a while.
      const dying = random.between(1, 4) === 1 ? services : [random.pick(services)];
      await Promise.all(dying.map((service) => service.kill()));
      kills.ofServices += dying.length;
      await sleep(random.between(0, 300));
      await Promise.all(dying.map((service) => service.restart()));
    }
  };
  const killMirror = async () => {
    for (;;) {
      await sleep(random.between(500, 2_500));
      await nextPush();
      if (isOver()) return;
      // In the middle of a run, or of many: what was published and is not yet advanced over comes again.
      await sleep(random.between(0, 50));
      await mirror.kill();
      kills.ofMirror += 1;
      await sleep(random.between(0, 300));
      await mirror.restart();
    }
  };
  await Promise.all([killServices(), killMirror()]);
}
