import { ActivityEventsClient } from "@activity-events/client";
import {
  ActivityEventsService,
  StreamEventsRequestSchema,
  StreamEventsResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { deploymentId, eventOf } from "../event-template.ts";
import type { Load, LoadOptions, RoundOfLoad } from "./load.ts";
import { openRawChannel, type RawChannel, rawServerStream } from "./raw-channel.ts";

const connections = 50;
/** Most followers that get an event at the end, to check that they still follow. */
const wokenMax = 100;

/** One follower per deployment over few connections; a round opens them all, and they stay open. */
export async function openIdleFollowers({ address, deployments }: LoadOptions): Promise<Load> {
  const channels = Array.from({ length: connections }, () => openRawChannel(address));
  const followers = Array.from({ length: deployments }, (_, at) => new Follower(deploymentId(at)));
  return {
    async round(): Promise<RoundOfLoad> {
      const begun = performance.now();
      const caughtUp = followers.map((follower, at) =>
        follower.open(channels[at % connections] ?? openRawChannel(address)),
      );
      await Promise.all(caughtUp);
      const elapsedMs = performance.now() - begun;
      return { operations: deployments, elapsedMs, latenciesMs: [elapsedMs] };
    },
    settle: () => {},
    async verify() {
      const client = new ActivityEventsClient({ address, tls: false });
      for (let at = 0; at < deployments; at += Math.ceil(deployments / wokenMax)) {
        const { event } = await client.createEvent({ event: { ...eventOf(at, 0), eventId: "" } });
        await followers[at]?.until(Number(event?.sequence));
      }
      client.close();
      return followers.flatMap(({ faults }) => faults);
    },
    async close() {
      for (const channel of channels) channel.close();
    },
  };
}

class Follower {
  readonly faults: string[] = [];
  readonly #deploymentId: string;
  #last = 0;
  #wake = () => {};

  constructor(deploymentId: string) {
    this.#deploymentId = deploymentId;
  }

  /** Resolves when the follower has caught up. */
  open(channel: RawChannel): Promise<void> {
    const path = methodPath(ActivityEventsService.method.streamEvents);
    const asked = create(StreamEventsRequestSchema, { deploymentId: this.#deploymentId, follow: true });
    const request = Buffer.from(toBinary(StreamEventsRequestSchema, asked));
    return new Promise((resolve, reject) => {
      rawServerStream(channel, path, request, (bytes) => {
        if (this.#take(bytes) === "caughtUp") resolve();
      }).catch(reject);
    });
  }

  async until(sequence: number): Promise<void> {
    while (this.#last < sequence) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #take(bytes: Buffer): string | undefined {
    const { frame } = fromBinary(StreamEventsResponseSchema, bytes);
    for (const { name, sequence } of frame.case === "events" ? frame.value.events : []) {
      if (Number(sequence) !== this.#last + 1) this.faults.push(`${name} of ${sequence} follows ${this.#last}`);
      this.#last = Number(sequence);
    }
    if (frame.case === "caughtUp" && Number(frame.value.headSequence) !== this.#last) {
      this.faults.push(`${this.#deploymentId}: caught up at ${this.#last} of ${frame.value.headSequence}`);
    }
    this.#wake();
    return frame.case;
  }
}
