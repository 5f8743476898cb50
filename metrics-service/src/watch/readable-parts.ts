import type { Caller } from "@activity-events/access/caller";
import { limits } from "../limits.ts";
import type { DeploymentCollection } from "./deployment-collection.ts";
import type { HeldDeployments } from "./held-deployments.ts";
import { NowBoard } from "./now-board.ts";
import { ReadableDeployments } from "./readable-deployments.ts";

/** The part of the held deployments that a viewer may read, and what of it says what runs where now. */
export interface ReadablePart {
  readonly deployments: DeploymentCollection;
  readonly now: DeploymentCollection;
  readonly mayRead: (deploymentId: string) => boolean;
}

interface OpenPart extends ReadablePart {
  readonly deployments: ReadableDeployments;
  readonly now: NowBoard;
  viewers: number;
}

/** The parts of the held deployments, one for all viewers who may read the same: each change is looked at once for all of them. */
export class ReadableParts {
  readonly #held: HeldDeployments;
  readonly #whole: ReadablePart & { readonly now: NowBoard };
  /** By what may be read. */
  readonly #open = new Map<string, OpenPart>();
  #look: NodeJS.Timeout | undefined;
  /** Time that the last look took on all boards, in ms. */
  #lookMs = 0;

  constructor(held: HeldDeployments) {
    this.#held = held;
    this.#whole = { deployments: held, now: this.#board(held), mayRead: () => true };
  }

  /** Returns the viewer's part, which follows the changes until it is disposed of. */
  open(viewer: Caller): ReadablePart & Disposable {
    const granted = viewer.granted("read");
    if (granted === "all") return { ...this.#whole, [Symbol.dispose]: () => {} };
    const key = JSON.stringify(granted);
    const part = this.#open.get(key) ?? this.#make(viewer);
    this.#open.set(key, part);
    part.viewers += 1;
    const { deployments, now, mayRead } = part;
    return { deployments, now, mayRead, [Symbol.dispose]: () => this.#leave(key, part) };
  }

  /** Takes all changes so far into account on every board; otherwise that happens soon. */
  lookNow(): void {
    clearTimeout(this.#look);
    this.#look = undefined;
    const beganMs = performance.now();
    for (const { now } of this.#all) now.lookNow();
    this.#lookMs = performance.now() - beganMs;
  }

  /** Empties every board; the held deployments were cleared. */
  clear(): void {
    for (const { now } of this.#all) now.clear();
  }

  get #all(): readonly { readonly now: NowBoard }[] {
    return [this.#whole, ...this.#open.values()];
  }

  #make(viewer: Caller): OpenPart {
    const mayRead = (deploymentId: string) => viewer.may("read", deploymentId);
    const deployments = new ReadableDeployments(this.#held, mayRead);
    return { deployments, now: this.#board(deployments), mayRead, viewers: 0 };
  }

  /**
   * A look goes through all deployments of a service and environment. A list and a busy store change many of them many times: the more a
   * look costs on all boards, the more changes it takes at once, so that looks never take more than a tenth of the time.
   */
  #board(deployments: DeploymentCollection): NowBoard {
    return new NowBoard(deployments, () => {
      this.#look ??= setTimeout(() => this.lookNow(), Math.min(9 * this.#lookMs, limits.lookIntervalMaxMs)).unref();
    });
  }

  #leave(key: string, part: OpenPart): void {
    part.viewers -= 1;
    if (part.viewers > 0) return;
    this.#open.delete(key);
    part.now[Symbol.dispose]();
    part.deployments[Symbol.dispose]();
  }
}
