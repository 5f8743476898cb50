import { Part } from "./part.ts";
import type { StopRequests } from "./stop-requests.ts";

/** The programs to run, and what they get. */
export interface RunOptions {
  /** Files of the programs. */
  readonly programs: { readonly service: string; readonly page: string; readonly webhooks: string };
  /** Arguments of the service. */
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly requests: StopRequests;
}

/**
 * Runs the service, then the page and the webhooks, until a signal comes, the service ends, or one of the others cannot start.
 * Stops the others first, which are clients of the service. Returns the exit code of the first that failed, or 0; 1 for a
 * client that failed later.
 */
export async function runAll({ programs, args, environment, requests }: RunOptions): Promise<number> {
  const service = new Part({ name: "service", file: programs.service, args, environment });
  const clients: Part[] = [];
  let failure = 0;
  requests.onFurther = () => {
    for (const part of [...clients, service]) part.hurry();
  };
  const serviceEnded = service.ended.then((code) => {
    failure ||= code;
  });

  const listening = await Promise.race([service.listening, serviceEnded, requests.first]);
  if (listening !== undefined && !requests.isStopping) {
    clients.push(...startClients(programs, environment, listening.address));
    for (const client of clients) {
      client.ended.then((code) => {
        failure ||= client.hasListened && code !== 0 ? 1 : code;
      });
    }
    await Promise.race([serviceEnded, requests.first, ...clients.map(endedBeforeListening)]);
  }
  await Promise.all(clients.map(stop));
  await stop(service);
  return failure;
}

/** Starts the page and the webhooks for the service at an address. */
function startClients(programs: RunOptions["programs"], environment: NodeJS.ProcessEnv, address: string): Part[] {
  const withAddress = { ...environment, ACTIVITY_ADDRESS: address };
  const page = new Part({ name: "page", file: programs.page, environment: withAddress });
  const webhooks = new Part({ name: "webhooks", file: programs.webhooks, environment: withAddress });
  adviseOnceListening(page, address, "start:page");
  adviseOnceListening(webhooks, address, "webhooks");
  return [page, webhooks];
}

/** From then on a fault of a client, which its users may cause, does not stop the recording. */
async function adviseOnceListening(client: Part, address: string, script: string): Promise<void> {
  await client.listening;
  client.advice = `; the service goes on. Start the ${client.name} again with: ACTIVITY_ADDRESS=${address} npm run ${script}`;
}

/** Resolves when a part ends that has never listened; never for another. */
function endedBeforeListening(part: Part): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  part.ended.then(() => {
    if (!part.hasListened) resolve();
  });
  return promise;
}

async function stop(part: Part): Promise<void> {
  if (!part.hasEnded) part.stop();
  await part.ended;
}
