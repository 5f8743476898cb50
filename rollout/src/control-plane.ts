import { setTimeout as sleep } from "node:timers/promises";
import { type protos, RevisionsClient, ServicesClient } from "@google-cloud/run";
import { grpc, type Operation } from "google-gax";
import { failureOf } from "./failure-of.ts";
import { BadSignError, ConflictError, UnreachedError } from "./failures.ts";
import { lastName } from "./resource-name.ts";

export type Service = protos.google.cloud.run.v2.IService;
export type Revision = protos.google.cloud.run.v2.IRevision;
/** Traffic in percent and optional tag, by revision. */
export type Traffic = readonly { readonly revision: string; readonly percent: number; readonly tag?: string }[];

/** A change to a service. */
export interface Change {
  readonly annotations: Readonly<Record<string, string>>;
  readonly traffic: Traffic;
  readonly template?: Service["template"];
}

export interface ControlPlaneOptions {
  /** `projects/…/locations/…/services/…` */
  readonly name: string;
  /** URL of Cloud Run's API, if not Google's; see `Config`. */
  readonly endpoint: string | undefined;
  /** Longest time without an answer. */
  readonly unreachedMaxMs: number;
}

const settledMaxMs = 300_000;
const callMaxMs = 10_000;
const pollMs = 250;

/** Reads and changes one service through Cloud Run's API. */
export class ControlPlane {
  readonly name: string;
  readonly #services: ServicesClient;
  readonly #revisions: RevisionsClient;
  readonly #unreachedMaxMs: number;
  readonly #call: { readonly timeout: number };

  constructor({ name, endpoint, unreachedMaxMs }: ControlPlaneOptions) {
    this.name = name;
    const options = clientOptions(endpoint);
    this.#services = new ServicesClient(options);
    this.#revisions = new RevisionsClient(options);
    this.#unreachedMaxMs = unreachedMaxMs;
    // Leaves time for retries after a lost answer.
    this.#call = { timeout: Math.min(callMaxMs, unreachedMaxMs / 4) };
  }

  /** Reads the service. */
  async service(): Promise<Service> {
    try {
      const [service] = await this.#services.getService({ name: this.name }, this.#call);
      return service;
    } catch (error) {
      throw failureOf(this.name, error);
    }
  }

  /** Reads one of its revisions, by short name. */
  async revision(revision: string): Promise<Revision> {
    const name = `${this.name}/revisions/${revision}`;
    try {
      const [found] = await this.#revisions.getRevision({ name }, this.#call);
      return found;
    } catch (error) {
      throw failureOf(name, error);
    }
  }

  /** Retries after conflicts and lost connections, until Cloud Run is unreachable for too long. */
  async insist<Answer>(attempt: () => Promise<Answer>): Promise<Answer> {
    let endMs = Number.POSITIVE_INFINITY;
    for (let count = 1; ; count += 1) {
      try {
        return await attempt();
      } catch (error) {
        const mayPass = error instanceof ConflictError || error instanceof UnreachedError;
        endMs = Math.min(endMs, performance.now() + this.#unreachedMaxMs);
        if (!mayPass || performance.now() >= endMs) throw error;
        await sleep(Math.min(pollMs * count, 5_000));
      }
    }
  }

  /**
   * Changes the service if it is still as `seen`, and waits until the service itself shows the change, because answers get
   * lost. Throws `ConflictError` (no change), `UnreachedError` (no change, or unknown), `BadSignError` (Cloud Run failed) and
   * `StoppedError` (not allowed).
   */
  async change(seen: Service, { annotations, traffic, template }: Change): Promise<Service> {
    const service: Service = {
      name: this.name,
      etag: seen.etag ?? null,
      annotations,
      traffic: traffic.map((target) => ({ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", ...target })),
      ...(template === undefined ? {} : { template }),
    };
    const paths = ["annotations", "traffic", ...(template === undefined ? [] : ["template"])];
    const sent = await this.#services.updateService({ service, updateMask: { paths } }, this.#call).then(
      ([operation]) => ({ operation, problem: undefined }),
      (error: unknown) => ({ operation: undefined, problem: failureOf(this.name, error) }),
    );
    if (sent.problem !== undefined && !(sent.problem instanceof UnreachedError)) throw sent.problem;
    const now = await this.#settled();
    const isMade =
      Object.entries(annotations).every(([key, value]) => now.annotations?.[key] === value) && shares(now, traffic);
    const why = await this.#failureOfOperation(sent.operation);
    // An operation that moves traffic away from a revision fails if that revision is not ready.
    if (why !== undefined && (!isMade || template !== undefined)) throw new BadSignError(why);
    if (!isMade) throw sent.problem ?? new UnreachedError("another change replaced it");
    return now;
  }

  /** Waits until Cloud Run has finished the change; reconnects as needed. */
  async #settled(): Promise<Service> {
    const endMs = performance.now() + settledMaxMs;
    for (;;) {
      const service = await this.insist(() => this.service());
      if (!service.reconciling) return service;
      if (performance.now() >= endMs) throw new BadSignError("Cloud Run did not finish the change in time");
      await sleep(pollMs);
    }
  }

  /** Reads the error of a failed operation, if possible. */
  async #failureOfOperation(
    operation: Pick<Operation, "getOperation" | "latestResponse"> | undefined,
  ): Promise<string | undefined> {
    // The operation ends with or shortly after the service settles; the service itself shows the result.
    for (let count = 1; operation !== undefined && count <= 20; count += 1) {
      const isRead = await operation.getOperation().then(
        () => true,
        () => false,
      );
      const { done, error } = operation.latestResponse;
      if (error?.message) return error.message;
      if (done || !isRead) return undefined;
      await sleep(pollMs);
    }
    return undefined;
  }

  close(): Promise<unknown> {
    return Promise.all([this.#services.close(), this.#revisions.close()]);
  }
}

function shares({ trafficStatuses }: Service, traffic: Traffic): boolean {
  const percentOf = (name: string) =>
    (trafficStatuses ?? [])
      .filter(({ revision }) => lastName(revision) === name)
      .reduce((total, { percent }) => total + (percent ?? 0), 0);
  return traffic.every(({ revision, percent }) => percentOf(revision) === percent);
}

function clientOptions(endpoint: string | undefined) {
  if (endpoint === undefined) return {};
  const { protocol, hostname, port } = new URL(endpoint);
  if (protocol === "https:") return { apiEndpoint: hostname };
  const sslCreds = grpc.credentials.createInsecure();
  return { apiEndpoint: hostname, port: Number(port), sslCreds, projectId: "none" };
}
