import { setTimeout as sleep } from "node:timers/promises";
import type { IngestEventsResponse } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { methodDefinition } from "@activity-events/proto/service-definition";
import { connect, methods } from "@activity-events/testing/contract-client";
import { create, type DescMethod, type Message } from "@bufbuild/protobuf";
import { type Client, type ClientDuplexStream, Metadata } from "@grpc/grpc-js";

const messageEvents = 100;
const method = methods.ingestEvents;

interface ProducerOptions {
  readonly address: string;
  readonly deployments: readonly string[];
  readonly eventsTotal: number;
}

/** Opens an IngestEvents stream, once the service is there. */
export function openIngest(client: Client): ClientDuplexStream<Message, IngestEventsResponse> {
  const { path, requestSerialize, responseDeserialize } = methodDefinition(method as DescMethod);
  const metadata = new Metadata({ waitForReady: true });
  return client.makeBidiStreamRequest<Message, IngestEventsResponse>(
    path,
    requestSerialize,
    responseDeserialize as (bytes: Buffer) => IngestEventsResponse,
    metadata,
    {},
  );
}

/** Pours events round robin into deployments; opens the stream anew after the last acknowledged one whenever it ends. */
export class IngestProducer {
  /** Event n is at n: its sequence. */
  readonly acknowledged: number[] = [];
  /** How the streams before the last ended: a code of gRPC. */
  readonly ends: number[] = [];
  /** How many streams were ended with goaway. */
  goaways = 0;
  duplicates = 0;
  readonly done: Promise<void>;
  readonly #options: ProducerOptions;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.done = this.#pour();
    this.done.catch(() => {});
  }

  /** Names what is stored otherwise than it was sent. */
  faultsIn(deploymentId: string, storedIds: readonly string[]): string[] {
    const { deployments, eventsTotal } = this.#options;
    const place = deployments.indexOf(deploymentId);
    const numbers = Array.from({ length: eventsTotal }, (_, n) => n).filter((n) => n % deployments.length === place);
    const faults = numbers.flatMap((n, index) => {
      if (storedIds[index] !== `e-${n}`) return [`${deploymentId}: ${storedIds[index]} in the place of e-${n}`];
      return this.acknowledged[n] === index + 1 ? [] : [`e-${n} was acknowledged as ${this.acknowledged[n]}`];
    });
    if (storedIds.length !== numbers.length) faults.push(`${deploymentId} holds ${storedIds.length} events`);
    return faults;
  }

  async #pour(): Promise<void> {
    const client = connect(this.#options.address);
    while (this.acknowledged.length < this.#options.eventsTotal) {
      const { code, details } = await this.#pourOnce(client);
      this.ends.push(code);
      if (code !== 0 && code !== 14) throw new Error(`a stream ended with ${code}: ${details}`);
      await sleep(10);
    }
  }

  #pourOnce(client: Client): Promise<{ readonly code: number; readonly details: string }> {
    const { deployments, eventsTotal } = this.#options;
    const first = this.acknowledged.length;
    const stream = openIngest(client);
    let next = first;
    let window = 0;
    const send = () => {
      while (next < eventsTotal && next - this.acknowledged.length + messageEvents <= window) {
        const end = Math.min(eventsTotal, next + messageEvents);
        const events = Array.from({ length: end - next }, (_, index) => ({
          eventId: `e-${next + index}`,
          deploymentId: `${deployments[(next + index) % deployments.length]}`,
          message: `event ${next + index}`,
        }));
        next = end;
        stream.write(create(method.input, { events }));
      }
      if (this.acknowledged.length === eventsTotal) stream.end();
    };
    stream.on("data", ({ frame }: IngestEventsResponse) => {
      if (frame.case === "opened") window = Number(frame.value.windowEvents);
      if (frame.case === "goaway") this.goaways += 1;
      for (const { ordinal, sequence, duplicate, status } of frame.case === "acknowledgements"
        ? frame.value.acknowledgements
        : []) {
        const number = this.acknowledged.length;
        if (Number(ordinal) !== number - first + 1 || status !== undefined) stream.destroy(new Error("out of order"));
        this.acknowledged.push(Number(sequence));
        if (duplicate) this.duplicates += 1;
      }
      send();
    });
    stream.on("error", () => {});
    return new Promise((resolve) => stream.on("status", resolve));
  }
}
