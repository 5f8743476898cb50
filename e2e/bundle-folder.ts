import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { connect } from "@activity-events/testing/contract-client";
import { startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { Follower } from "./follower.ts";

const root = join(import.meta.dirname, "..");

/** A bundle in a folder that has nothing around it. */
export interface BundleFolder {
  readonly path: string;
  /** Runs a program of it, such as `service/activity_server`, and answers its output; rejects unless it ends with 0. */
  run(program: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string>;
  /** Starts its service and has its client record, list and follow; answers what that showed and the service. */
  use(options: { readonly dataDir: string; readonly environment?: Readonly<Record<string, string>> }): Promise<{
    readonly service: Awaited<ReturnType<typeof startService>>;
    readonly listed: string;
    readonly tailed: string;
    readonly followed: readonly string[];
  }>;
}

/** Makes the bundle as `npm run bundle` does, in a new folder that cleanUp removes. */
export async function bundleFolder(): Promise<BundleFolder> {
  const path = temporaryFolder().path;
  await promisify(execFile)(process.execPath, [join(root, "packaging", "bundle.mjs"), path]);
  const file = (program: string) => join(path, `${program}.cjs`);
  const run: BundleFolder["run"] = async (program, args, environment) => {
    const options = { cwd: path, env: { PATH: process.env.PATH, ...environment } };
    const { stdout } = await promisify(execFile)(process.execPath, [file(program), ...args], options);
    return stdout;
  };
  return {
    path,
    run,
    use: async (options) => {
      const service = await startService({ ...options, program: file("service/activity_server") });
      const client = (...args: string[]) =>
        run("client/activity_client", [...args, "--deployment-id", "release-42"], {
          ACTIVITY_ADDRESS: service.address,
        });
      const followed: string[] = [];
      await client("add", "--message", "first");
      const follower = new Follower(connect(service.address), {
        deploymentId: "release-42",
        onEvent: ({ message }) => followed.push(message),
      });
      await follower.until(() => follower.frames.includes("caught_up"));
      await client("add", "--message", "second");
      await follower.reach(2);
      follower.cancel();
      return { service, followed, listed: await client("list"), tailed: await client("tail", "--no-follow") };
    },
  };
}
