import type { DatabaseSync } from "node:sqlite";
import { counted as inWords } from "../../counted.ts";
import type { DeploymentId } from "../../domain/identifiers.ts";
import { limits } from "../../limits.ts";
import { damageAt, StoreFaultError } from "../../store-error.ts";
import { isDamage } from "../faults.ts";
import { lastDeployment } from "../rows/last-deployment.ts";
import { lastNumberOf } from "../rows/last-number.ts";
import { preparedStatement } from "../rows/prepared-statement.ts";
import { findStrays } from "./scrub-arrivals.ts";

/** Deployments that a store has lost, or to which its index of ids does not lead. */
interface Lost {
  /** Ids whose rows are there, but not in the index. */
  readonly unindexed: ReadonlySet<DeploymentId>;
  /** Sentence about the deployments whose rows are gone, and with them their ids; undefined if there are none. */
  readonly gone: string | undefined;
}

const byId = "deployments INDEXED BY sqlite_autoindex_deployments_1";

const counted = new WeakMap<DatabaseSync, Lost>();
const accepted = new WeakSet<DatabaseSync>();

/** Forgets what was counted, because somebody has written the file. */
export function countLostAnew(database: DatabaseSync): void {
  counted.delete(database);
}

/** Lets this connection take ids that are not found for new ones, although lost deployments may have them. */
export function acceptLostDeployments(database: DatabaseSync): void {
  accepted.add(database);
}

/**
 * Returns the fault if a deployment is not found but may exist. Otherwise it would begin again at sequence 1. Reads the
 * index of ids once per connection: 50 ms for 1,000,000 deployments.
 */
export function faultIfLost(database: DatabaseSync, deploymentId: DeploymentId): StoreFaultError | undefined {
  const { unindexed, gone } = lostIn(database);
  if (unindexed.has(deploymentId)) {
    return damageAt({ deploymentId }, `the index of deployment ids does not lead to ${deploymentId}`);
  }
  if (gone === undefined || accepted.has(database) || isFound(database, deploymentId)) return undefined;
  return damageAt({ deploymentId }, `${gone}, and ${deploymentId} may be one of them; ${waysOut}`);
}

/** Returns the fault of a list of all deployments that lacks some; undefined if it lacks none. */
export function faultOfList(database: DatabaseSync): StoreFaultError | undefined {
  const { gone } = lostIn(database);
  if (gone === undefined || accepted.has(database)) return undefined;
  return new StoreFaultError("STORE_DAMAGED", `${gone}; ${waysOut}`);
}

/** Describes the deployments of a store whose rows are gone; undefined if there are none. */
export function lostDeployments(database: DatabaseSync): string | undefined {
  return lostIn(database).gone;
}

const waysOut =
  "go back to a copy with activity_server restore FILE, or create deployments all the same with activity_server --accept-loss";

function lostIn(database: DatabaseSync): Lost {
  const before = counted.get(database);
  if (before !== undefined) return before;
  const lost = countOrTell(database);
  counted.set(database, lost);
  return lost;
}

function countOrTell(database: DatabaseSync): Lost {
  try {
    return countLost(database);
  } catch (error) {
    if (!isDamage(error)) throw error;
    // Damage of the whole store: the deployment that is asked for must not be blamed.
    return { unindexed: new Set(), gone: "the deployments of the store cannot be counted" };
  }
}

function countLost(database: DatabaseSync): Lost {
  // The sum tells of an index that has an entry twice in place of another.
  const [entries, sum, last] = row(
    database,
    `SELECT count(*), coalesce(sum(number), 0), ${lastDeployment} FROM ${byId}`,
  );
  if (entries === last && sum === (last * (last + 1)) / 2) return { unindexed: new Set(), gone: newestLost(database) };
  const ids = preparedStatement(
    database,
    `SELECT deployment_id FROM deployments AS stored NOT INDEXED WHERE NOT EXISTS (SELECT 1 FROM ${byId}
       WHERE deployments.deployment_id = stored.deployment_id AND deployments.number = stored.number)`,
  ).all() as unknown as readonly (readonly [DeploymentId])[];
  const [rows] = row(database, "SELECT count(*) FROM deployments NOT INDEXED");
  const gone = rows === last ? newestLost(database) : goneOf(last - rows, last);
  return { unindexed: new Set(ids.map(([id]) => id)), gone };
}

function goneOf(lost: number, of: number): string {
  return `${lost} of ${inWords(of, "deployment")} ${lost === 1 ? "is" : "are"} lost`;
}

/** Finds events of a newest deployment of which nothing else is left. */
function newestLost(database: DatabaseSync): string | undefined {
  const last = lastNumberOf(database);
  const eventsMax = limits.sqliteNewestEvents;
  const strays = findStrays(database, { after: Math.max(0, last - eventsMax), last, eventsMax });
  const lost = strays.filter(({ place }) => place === undefined).length;
  return lost === 0 ? undefined : `${lost} of the newest deployments ${lost === 1 ? "is" : "are"} lost`;
}

function isFound(database: DatabaseSync, deploymentId: DeploymentId): boolean {
  return preparedStatement(database, `SELECT 1 FROM ${byId} WHERE deployment_id = ?`).get(deploymentId) !== undefined;
}

function row(database: DatabaseSync, sql: string): readonly [number, number, number] {
  return preparedStatement(database, sql).get() as unknown as readonly [number, number, number];
}
