import { setTimeout as sleep } from "node:timers/promises";
import { type protos, RevisionsClient, ServicesClient } from "@google-cloud/run";
import { grpc } from "google-gax";
import { BadSignError, ConflictError, StoppedError, UnreachedError } from "./failures.ts";

export type Service = protos.google.cloud.run.v2.IService;
export type Revision = protos.google.cloud.run.v2.IRevision;
/** Traffic in percent by revision, with the tag that a revision may have. */
export type Traffic = readonly { readonly revision: string; readonly percent: number; readonly tag?: string }[];

/** What is to be different. */
export interface Change {
  readonly annotations: Readonly<Record<string, string>>;
  readonly traffic: Traffic;
  readonly template?: Service["template"];
}

const settledMaxMs = 300_000;
const pollMs = 250;
const { ABORTED, CANCELLED, DEADLINE_EXCEEDED, NOT_FOUND, PERMISSION_DENIED, UNAVAILABLE } = grpc.status;
const lost = new Set<number | undefined>([CANCELLED, DEADLINE_EXCEEDED, UNAVAILABLE]);

/** One service in Cloud Run's API. */
export class ControlPlane {
  readonly name: string;
  readonly #services: ServicesClient;
  readonly #revisions: RevisionsClient;

  /** `name` is `projects/…/locations/…/services/…`; see `Config` for the endpoint. */
  constructor(name: string, endpoint: string | undefined) {
    this.name = name;
    const options = clientOptions(endpoint);
    this.#services = new ServicesClient(options);
    this.#revisions = new RevisionsClient(options);
  }

  /** Reads the service. */
  async service(): Promise<Service> {
    try {
      const [service] = await this.#services.getService({ name: this.name }, { timeout: 10_000 });
      return service;
    } catch (error) {
      throw unread(this.name, error);
    }
  }

  /** Reads one of its revisions by its last name. */
  async revision(revision: string): Promise<Revision> {
    const name = `${this.name}/revisions/${revision}`;
    try {
      const [found] = await this.#revisions.getRevision({ name }, { timeout: 10_000 });
      return found;
    } catch (error) {
      throw unread(name, error);
    }
  }

  /**
   * Changes the service if it is still as it was `seen`, and waits until the change is done. The change is done once the
   * service says so, not when an answer says so: answers get lost. Throws `ConflictError`, `UnreachedError` (nothing was
   * changed) and `BadSignError` (Cloud Run could not do it).
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
    let problem: { readonly code?: number; readonly message: string } | undefined;
    try {
      const [operation] = await this.#services.updateService({ service, updateMask: { paths } });
      await operation.promise();
    } catch (error) {
      problem = error as Error;
      if (problem.code === ABORTED) throw new ConflictError(problem.message);
    }
    const now = await this.#settled();
    const isMade = Object.entries(annotations).every(([key, value]) => now.annotations?.[key] === value);
    if (problem !== undefined && !lost.has(problem.code)) throw new BadSignError(problem.message);
    if (!isMade) throw new UnreachedError(problem?.message ?? "another change has come after it");
    return now;
  }

  /** Waits until Cloud Run has done what it was told; a connection that is lost meanwhile is made again. */
  async #settled(): Promise<Service> {
    const endMs = performance.now() + settledMaxMs;
    for (;;) {
      const service = await this.service().catch((error: unknown) => {
        if (error instanceof UnreachedError && performance.now() < endMs) return undefined;
        throw error;
      });
      if (service !== undefined && !service.reconciling) return service;
      if (performance.now() >= endMs) throw new BadSignError("Cloud Run did not finish the change in time");
      await sleep(pollMs);
    }
  }

  close(): Promise<unknown> {
    return Promise.all([this.#services.close(), this.#revisions.close()]);
  }
}

function clientOptions(endpoint: string | undefined) {
  if (endpoint === undefined) return {};
  const { protocol, hostname, port } = new URL(endpoint);
  if (protocol === "https:") return { apiEndpoint: hostname };
  const sslCreds = grpc.credentials.createInsecure();
  return { apiEndpoint: hostname, port: Number(port), sslCreds, projectId: "none" };
}

function unread(name: string, error: unknown): Error {
  const { code, message } = error as { readonly code?: number; readonly message: string };
  if (code === NOT_FOUND) return new StoppedError(`Cloud Run knows no ${name}.`, { cause: error });
  if (code === PERMISSION_DENIED) {
    return new StoppedError(`The role roles/run.developer on ${name} is missing (${message}).`, { cause: error });
  }
  return new UnreachedError(`Cloud Run did not answer (${message}).`, { cause: error });
}
