import { fileURLToPath } from "node:url";
import { leftOver } from "./left-over.ts";
import { ServiceProcess } from "./service-process.ts";

interface HttpOptions {
  /** Address of the service, `HOST:PORT`. */
  readonly service: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server of HTTP, a client of the service, in a process of its own. */
export interface StartedHttp extends AsyncDisposable {
  readonly process: ServiceProcess;
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
}

/** Starts the page's server as its user does, and waits until it listens. */
export function startPage(options: HttpOptions): Promise<StartedHttp> {
  return startHttp("../../metrics-service/src/main.ts", "PAGE_PORT", options);
}

/** Starts the webhooks as their user does, and waits until they listen. */
export function startWebhooks(options: HttpOptions): Promise<StartedHttp> {
  return startHttp("../../functions/webhooks/src/main.ts", "WEBHOOKS_PORT", options);
}

async function startHttp(
  file: string,
  portName: string,
  { service, environment = {} }: HttpOptions,
): Promise<StartedHttp> {
  const process = new ServiceProcess({
    program: fileURLToPath(new URL(file, import.meta.url)),
    environment: { [portName]: "0", ACTIVITY_ADDRESS: service, ...environment },
  });
  try {
    const { url } = await process.line(({ message }) => message === "listening");
    // Left over, it is ended like any other time, instead of killed: a killed process cannot say what it ran.
    leftOver.delete(process);
    const started = { process, url: String(url), [Symbol.asyncDispose]: () => stop(started) };
    leftOver.add(started);
    return started;
  } catch (error) {
    await process[Symbol.asyncDispose]();
    throw error;
  }
}

/** Ends the server as its user does. One that does not end fails its test. */
async function stop(started: StartedHttp): Promise<void> {
  leftOver.delete(started);
  started.process.kill("SIGTERM");
  await started.process.ended;
  await started.process[Symbol.asyncDispose]();
}
