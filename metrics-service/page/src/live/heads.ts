import type { DeploymentJson } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { LiveFrame } from "../../../src/live/live-messages.ts";
import type { Head } from "./head.ts";

/**
 * Heads of a watch, from its frames. Each list of the server replaces what is there once it is complete; until then what is there
 * stays and what comes is added, so that nothing vanishes over a reconnect and the first list is seen as it comes.
 */
export class Heads {
  readonly #byId = new Map<string, Head>();
  readonly #damaged = new Set<string>();
  #listed: Set<string> | undefined;
  #isComplete = false;
  #ended: string | undefined;

  /** True once a first list was complete. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** True while a list is under way. */
  get isListing(): boolean {
    return this.#listed !== undefined;
  }

  /** Why the server ended the watch; undefined while it goes on. */
  get ended(): string | undefined {
    return this.#ended;
  }

  get all(): Iterable<Head> {
    return this.#byId.values();
  }

  get size(): number {
    return this.#byId.size;
  }

  /** Ids of deployments whose head is damaged in the store. */
  get damaged(): ReadonlySet<string> {
    return this.#damaged;
  }

  get(deploymentId: string): Head | undefined {
    return this.#byId.get(deploymentId);
  }

  /** Takes the next frame. */
  take(frame: LiveFrame): void {
    if ("ended" in frame) {
      this.#ended = frame.ended.message;
    } else if ("opened" in frame || "fellBehind" in frame) {
      this.#ended = undefined;
      this.#listed = new Set();
    } else if ("deployments" in frame) {
      for (const head of frame.deployments?.deployments ?? []) this.#put(head);
    } else if ("damaged" in frame) {
      for (const id of frame.damaged?.deploymentIds ?? []) this.#put({ deploymentId: id }, true);
    } else if ("left" in frame) {
      for (const id of frame.left?.deploymentIds ?? []) this.#remove(id);
    } else if ("caughtUp" in frame) {
      this.#finishList();
    }
  }

  #put(head: DeploymentJson, isDamaged = false): void {
    if (head.deploymentId === undefined) return;
    const { deploymentId } = head;
    this.#listed?.add(deploymentId);
    if (isDamaged) {
      this.#damaged.add(deploymentId);
    } else {
      this.#damaged.delete(deploymentId);
      this.#byId.set(deploymentId, { ...head, deploymentId });
    }
  }

  #remove(deploymentId: string): void {
    this.#byId.delete(deploymentId);
    this.#damaged.delete(deploymentId);
    this.#listed?.delete(deploymentId);
  }

  #finishList(): void {
    const listed = this.#listed;
    this.#listed = undefined;
    this.#isComplete = true;
    if (listed === undefined) return;
    for (const id of [...this.#byId.keys(), ...this.#damaged]) if (!listed.has(id)) this.#remove(id);
  }
}
