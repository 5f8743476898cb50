import { join } from "node:path";
import { ActivityEventsClient } from "@activity-events/client";
import { type LogLine, ServiceProcess } from "@activity-events/testing/service-process";

interface StartOptions {
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Command instead of Node and the launcher. */
  readonly command?: readonly string[];
}

const main = join(import.meta.dirname, "..", "main.ts");

/** `npm start` on free ports, without npm. */
export class StartedAll implements AsyncDisposable {
  readonly launcher: ServiceProcess;

  constructor({ arguments: args = [], environment, command }: StartOptions = {}) {
    this.launcher = new ServiceProcess({
      program: main,
      arguments: args,
      environment: { PAGE_PORT: "0", WEBHOOKS_PORT: "0", ...environment },
      ...(command === undefined ? {} : { command }),
    });
  }

  /** Returns the service's address, and the URLs of the page and of the webhooks, once all listen. */
  async listening(): Promise<{ readonly address: string; readonly url: string; readonly webhooksUrl: string }> {
    const said = (isIt: (line: LogLine) => boolean) =>
      this.launcher.line((line) => line.message === "listening" && isIt(line));
    const service = await said(({ address }) => address !== undefined);
    const page = await said(({ url, routes }) => url !== undefined && routes === undefined);
    const webhooks = await said(({ routes }) => routes !== undefined);
    return { address: String(service.address), url: String(page.url), webhooksUrl: String(webhooks.url) };
  }

  /** Returns how many lines have this message. */
  count(message: string): number {
    return this.launcher.log.filter((line) => line.message === message).length;
  }

  /** Returns the lines that tell of ends, in their order: `draining: REASON` and `stopped`. */
  ends(): readonly string[] {
    return endsOf(this.launcher.log);
  }

  /** Records an event, which makes a deployment. */
  async record(deploymentId: string): Promise<void> {
    const { address } = await this.listening();
    const client = new ActivityEventsClient({ address, tls: false });
    try {
      await client.createEvent({ event: { deploymentId, message: "m" } });
    } finally {
      client.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Killed at once, it could not stop the two.
    this.launcher.kill("SIGTERM");
    await this.launcher.ended;
    await this.launcher[Symbol.asyncDispose]();
  }
}

/** Picks the lines that tell of ends from a log. */
export function endsOf(log: readonly Record<string, unknown>[]): readonly string[] {
  return log.flatMap(({ message, signal, reason = signal }) => {
    if (message === "draining") return [`draining: ${reason}`];
    return message === "stopped" ? ["stopped"] : [];
  });
}
