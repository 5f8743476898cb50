import { ServiceClient } from "@activity-events/testing/service-client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { afterAll, beforeAll } from "@jest/globals";

/** The stores whose behaviour is the contract's. */
export const stores = ["memory", "sqlite"] as const;

/** A service that listens, and a client of it. */
export interface StartedService extends AsyncDisposable {
  readonly process: ServiceProcess;
  readonly address: string;
  readonly client: ServiceClient;
}

/** Starts the service in a process of its own and waits until it listens. */
export async function startService(environment: Readonly<Record<string, string>> = {}): Promise<StartedService> {
  const service = new ServiceProcess({ environment });
  try {
    const { address } = await service.line(({ message }) => message === "listening");
    const client = new ServiceClient(String(address));
    return {
      process: service,
      address: String(address),
      client,
      [Symbol.asyncDispose]: async () => {
        client.close();
        await service[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
}

/** One service for all tests of the enclosing suite; they keep apart by deployments of their own. */
export function serviceOfSuite(environment: Readonly<Record<string, string>> = {}): Pick<StartedService, "client"> {
  let started: StartedService | undefined;
  beforeAll(async () => {
    started = await startService(environment);
  });
  afterAll(async () => {
    await started?.[Symbol.asyncDispose]();
  });
  return {
    get client() {
      if (started === undefined) throw new Error("the service of the suite has not been started");
      return started.client;
    },
  };
}
