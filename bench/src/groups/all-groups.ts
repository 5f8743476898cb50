import type { Group } from "../contender.ts";
import { access, fairShares } from "./access.ts";
import { createEvents } from "./create-events.ts";
import { followEvents } from "./follow-events.ts";
import { idleFollowers } from "./idle-followers.ts";
import { ingestEvents } from "./ingest-events.ts";
import { listEvents } from "./list-events.ts";
import { memory } from "./memory.ts";
import { page } from "./page.ts";
import { startFirestore } from "./start-firestore.ts";
import { startUp } from "./start-up.ts";
import { streamEvents } from "./stream-events.ts";

/** Returns all groups, in the order of the table. */
export function allGroups(): readonly Group[] {
  return [
    createEvents(128),
    createEvents(1),
    ingestEvents(),
    access(),
    fairShares(),
    streamEvents(),
    listEvents(),
    followEvents(),
    memory(),
    idleFollowers(),
    page(),
    startUp(),
    startFirestore(),
  ];
}
