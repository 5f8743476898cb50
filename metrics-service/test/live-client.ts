import type { DeploymentJson } from "@activity-events/proto/activityevents/v1/deployment_pb.js";
import type { EventJson } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { until } from "@activity-events/testing/until";
import { type Alive, type LiveRequest, type Subscribe, subprotocol } from "../src/live/live-messages.ts";

type Message = Readonly<Record<string, unknown>>;
type Frame = Message & { readonly subscription: string };

/** A page's end of /live, on the WebSocket of Node, which is not the server's library. */
export class LiveClient implements Disposable {
  readonly frames: Frame[] = [];
  readonly alive: Alive[] = [];
  /** Code and reason with which the socket was closed. */
  closed: { readonly code: number; readonly reason: string } | undefined;
  readonly #socket: WebSocket;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    // Node takes header fields, as no browser does.
    const options = { protocols: subprotocol, headers } as unknown as string;
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/live`, options);
    this.#socket.onmessage = ({ data }) => {
      const message = JSON.parse(data) as Message;
      if ("alive" in message) this.alive.push(message.alive as Alive);
      else this.frames.push(message as Frame);
    };
    this.#socket.onclose = ({ code, reason }) => {
      this.closed = { code, reason };
    };
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  opened(): Promise<void> {
    return until(() => this.isOpen && this.alive.length > 0, "the socket is open");
  }

  send(message: LiveRequest): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(text);
  }

  subscribe(subscribe: Subscribe): void {
    this.send({ subscribe });
  }

  /** Frames of a subscription that have a field. */
  framesOf(subscription: string, field: string): readonly Frame[] {
    return this.frames.filter((frame) => frame.subscription === subscription && field in frame);
  }

  caughtUp(subscription: string, times = 1): Promise<void> {
    return until(() => this.framesOf(subscription, "caughtUp").length >= times, `${subscription} has caught up`);
  }

  /** The heads that a page would show: what was sent, without what left or was not in the newest snapshot. */
  shown(subscription: string): ReadonlyMap<string, DeploymentJson> {
    const shown = new Map<string, DeploymentJson>();
    let unseen = new Set<string>();
    for (const frame of this.frames) {
      if (frame.subscription !== subscription) continue;
      if ("opened" in frame || "fellBehind" in frame) unseen = new Set(shown.keys());
      for (const head of (frame.deployments as { deployments?: DeploymentJson[] } | undefined)?.deployments ?? []) {
        shown.set(head.deploymentId ?? "", head);
        unseen.delete(head.deploymentId ?? "");
      }
      for (const id of (frame.left as { deploymentIds?: string[] } | undefined)?.deploymentIds ?? []) shown.delete(id);
      if (!("caughtUp" in frame)) continue;
      for (const id of unseen) shown.delete(id);
      unseen = new Set();
    }
    return shown;
  }

  /** Events of a `deployment` subscription, as they came. */
  events(subscription: string): readonly EventJson[] {
    return this.framesOf(subscription, "events").flatMap((frame) => (frame.events as { events: EventJson[] }).events);
  }

  close(): void {
    this.#socket.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
