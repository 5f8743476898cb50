import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { leftOver } from "@activity-events/testing/left-over";
import { ServiceClient } from "@activity-events/testing/service-client";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";

/** A service with an access file, in a process of its own. */
export interface GuardedService extends AsyncDisposable {
  readonly address: string;
  readonly process: ServiceProcess;
  readonly client: ServiceClient;
  readonly accessFile: string;
  /** Replaces the access file, and waits until the service has judged it. */
  change(text: string): Promise<void>;
}

/** Starts a service, in memory unless its settings say otherwise, with this access file. */
export async function startGuarded(
  text: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<GuardedService> {
  const folder = temporaryFolder();
  const accessFile = join(folder.path, "access.yaml");
  writeFileSync(accessFile, text);
  const process = new ServiceProcess({ environment: { ACCESS_FILE: accessFile, ...environment } });
  const address = `${(await process.line(({ message }) => message === "listening")).address}`;
  const client = new ServiceClient(address);
  const judged = () => process.log.filter(({ code }) => code === "ACCESS_READ" || code === "ACCESS_REFUSED").length;
  // Left over, it is ended like any other time: a killed process cannot say what it ran.
  leftOver.delete(process);
  const guarded: GuardedService = {
    address,
    process,
    client,
    accessFile,
    change: async (changed) => {
      const before = judged();
      writeFileSync(accessFile, changed);
      await process.line(() => judged() > before);
    },
    [Symbol.asyncDispose]: async () => {
      if (!leftOver.delete(guarded)) return;
      client.close();
      process.kill("SIGTERM");
      await process.ended;
      await process[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
  leftOver.add(guarded);
  return guarded;
}
