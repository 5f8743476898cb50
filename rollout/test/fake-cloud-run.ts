import { protos } from "@google-cloud/run";
import { type handleUnaryCall, Server, ServerCredentials, type ServiceDefinition, status } from "@grpc/grpc-js";

const { Service, Revision, GetServiceRequest, GetRevisionRequest, UpdateServiceRequest } = protos.google.cloud.run.v2;
const { Operation, GetOperationRequest } = protos.google.longrunning;
type IService = protos.google.cloud.run.v2.IService;
type IRevision = protos.google.cloud.run.v2.IRevision;
type IOperation = protos.google.longrunning.IOperation;

/** The service that the fake knows. */
export const serviceName = "projects/project/locations/region/services/activity-events";

/** What happens to an update: it may be refused, fail as an operation, or lose its answer. */
export interface UpdateFate {
  /** Before the etag is compared; a change in here is somebody else's. */
  readonly before?: () => unknown;
  readonly operationError?: string;
  /** The connection ends when the update is made (`made`), or instead of it (`unmade`). */
  readonly cut?: "made" | "unmade";
  /** After it is made, before it is answered. */
  readonly after?: () => unknown;
}

export interface FakeCloudRunOptions {
  /** Runs what is in an image; answers the revision's address, or nothing when it never gets ready. */
  readonly start: (image: string) => Promise<string | undefined>;
  readonly image: string;
}

/** A server that speaks the messages of google.cloud.run.v2, holds one service, and keeps to what its documentation says. */
export class FakeCloudRun {
  port = 0;
  /** Percents by revision, after each update. */
  readonly history: string[] = [];
  fateOf: (percent: number) => UpdateFate = () => ({});
  service: IService;
  readonly revisions = new Map<string, IRevision>();
  readonly #addresses = new Map<string, string>();
  readonly #operations = new Map<string, IOperation>();
  readonly #start: FakeCloudRunOptions["start"];
  #server = new Server();

  constructor({ start, image }: FakeCloudRunOptions) {
    this.#start = start;
    const template = { containers: [{ image }], revision: "" };
    this.service = { name: serviceName, annotations: { owner: "us" }, template, etag: "0", generation: 1 };
  }

  /** Opens it with a first revision that has all traffic. */
  async open(): Promise<void> {
    const revision = await this.#makeRevision();
    this.#setTraffic([{ revision, percent: 100 }]);
    this.service.uri = this.#addresses.get(revision) ?? "";
    await this.#listen();
  }

  /** Changes the service as somebody else does. */
  interfere(change: Partial<IService>): void {
    Object.assign(this.service, change);
    this.service.etag = `${Number(this.service.etag) + 1}`;
  }

  /** The revisions with traffic, such as `activity-events-00001-rev 100`. */
  get traffic(): string {
    return (this.service.trafficStatuses ?? [])
      .filter(({ percent }) => (percent ?? 0) > 0)
      .map(({ revision, percent }) => `${revision} ${percent}`)
      .join(", ");
  }

  close(): void {
    this.#server.forceShutdown();
  }

  async #listen(): Promise<void> {
    const server = new Server();
    server.addService(
      definition("google.cloud.run.v2.Services", {
        GetService: [GetServiceRequest, Service],
        UpdateService: [UpdateServiceRequest, Operation],
      }),
      {
        GetService: unary(() => this.service),
        UpdateService: unary((request) => this.#update(request as protos.google.cloud.run.v2.UpdateServiceRequest)),
      },
    );
    server.addService(definition("google.cloud.run.v2.Revisions", { GetRevision: [GetRevisionRequest, Revision] }), {
      GetRevision: unary((request) => {
        const { name } = request as protos.google.cloud.run.v2.GetRevisionRequest;
        return this.revisions.get(name.split("/").at(-1) ?? "") ?? fail(status.NOT_FOUND, `no ${name}`);
      }),
    });
    server.addService(definition("google.longrunning.Operations", { GetOperation: [GetOperationRequest, Operation] }), {
      GetOperation: unary((request) => {
        const { name } = request as protos.google.longrunning.GetOperationRequest;
        return this.#operations.get(name) ?? fail(status.NOT_FOUND, `no ${name}`);
      }),
    });
    const address = `127.0.0.1:${this.port}`;
    this.port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      ),
    );
    this.#server = server;
  }

  async #update({ service: wanted, updateMask }: protos.google.cloud.run.v2.UpdateServiceRequest): Promise<IOperation> {
    const percent = Math.max(
      0,
      ...(wanted?.traffic ?? []).filter(({ tag }) => tag).map((target) => target.percent ?? 0),
    );
    const { before, after, operationError, cut } = this.fateOf(percent);
    await before?.();
    if (cut === "unmade") return this.#cut();
    if (wanted?.etag !== this.service.etag) fail(status.ABORTED, "the etag is not the service's");
    const name = `${serviceName}/operations/${this.#operations.size}`;
    const operation: IOperation = { name, done: false };
    this.#operations.set(name, operation);
    for (const path of updateMask?.paths ?? [])
      Object.assign(this.service, { [path]: (wanted as IService)[path as "traffic"] });
    this.interfere({ reconciling: true });
    const done = async () => {
      let problem = operationError;
      if (updateMask?.paths?.includes("template")) await this.#makeRevision();
      // Also of a later change, which has taken the traffic elsewhere: Cloud Run waits for the latest revision each time.
      const latest = this.service.latestCreatedRevision?.split("/").at(-1) ?? "";
      if (!this.#addresses.has(latest)) problem = `Revision '${latest}' is not ready and cannot serve traffic.`;
      if (operationError === undefined) this.#setTraffic(wanted?.traffic ?? []);
      await after?.();
      this.service.reconciling = false;
      if (problem === undefined) {
        const value = Service.encode(Service.fromObject(this.service)).finish();
        operation.response = { type_url: "type.googleapis.com/google.cloud.run.v2.Service", value };
      } else operation.error = { code: status.INTERNAL, message: problem };
      operation.done = true;
    };
    if (cut === "made") {
      await done();
      return this.#cut();
    }
    done();
    return operation;
  }

  async #cut(): Promise<never> {
    this.#server.forceShutdown();
    await this.#listen();
    return fail(status.UNAVAILABLE, "cut");
  }

  async #makeRevision(): Promise<string> {
    const { template } = this.service;
    const name = `activity-events-0000${this.revisions.size + 1}-rev`;
    const { labels = {}, containers = [] } = template ?? {};
    const made: IRevision = { name: `${serviceName}/revisions/${name}`, labels, containers, conditions: [] };
    this.revisions.set(name, made);
    this.service.latestCreatedRevision = made.name ?? "";
    const address = await this.#start(containers?.[0]?.image ?? "");
    if (address !== undefined) {
      this.#addresses.set(name, address);
      this.service.latestReadyRevision = made.name ?? "";
    }
    const state = address === undefined ? "CONDITION_FAILED" : "CONDITION_SUCCEEDED";
    const message = address === undefined ? "The container did not listen on PORT=8080." : "";
    made.conditions = [{ type: "Ready", state, message }];
    return name;
  }

  #setTraffic(traffic: NonNullable<IService["traffic"]>): void {
    const sum = traffic.reduce((total, { percent }) => total + (percent ?? 0), 0);
    if (sum !== 100) throw new Error(`the percents add up to ${sum}`);
    this.service.trafficStatuses = traffic.map(({ revision, percent, tag }) => ({
      revision: revision ?? "",
      percent: percent ?? 0,
      ...(tag ? { tag, uri: this.#addresses.get(revision ?? "") ?? "" } : {}),
    }));
    this.history.push(this.traffic);
  }
}

class Refusal extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

function fail(code: number, message: string): never {
  throw new Refusal(code, message);
}

interface Codec {
  // biome-ignore lint/suspicious/noExplicitAny: each of the generated codecs takes messages of its own type
  encode(message: any): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  fromObject(message: any): object;
}

function definition(service: string, methods: Readonly<Record<string, readonly [Codec, Codec]>>): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(methods).map(([name, [request, response]]) => [
      name,
      {
        path: `/${service}/${name}`,
        requestStream: false,
        responseStream: false,
        requestSerialize: (message: object) => Buffer.from(request.encode(message).finish()),
        requestDeserialize: (bytes: Buffer) => request.decode(bytes),
        responseSerialize: (message: object) => Buffer.from(response.encode(response.fromObject(message)).finish()),
        responseDeserialize: (bytes: Buffer) => response.decode(bytes),
      },
    ]),
  );
}

function unary(answer: (request: object) => object | Promise<object>): handleUnaryCall<object, object> {
  return ({ request }, callback) => {
    Promise.resolve()
      .then(() => answer(request))
      .then(
        (response) => callback(null, response),
        (error: Refusal) => callback({ code: error.code ?? status.INTERNAL, details: error.message }),
      );
  };
}
