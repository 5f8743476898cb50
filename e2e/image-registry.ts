import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";

/** A registry of images on this machine, empty at first. Source: Distribution, the registry that Docker Hub runs. */
export interface ImageRegistry extends AsyncDisposable {
  /** `localhost:port`, as it stands before an image's name. */
  readonly address: string;
  /** The manifest of an image by `name@sha256:digest`, undefined where it holds none. */
  manifest(image: string): Promise<string | undefined>;
}

/** Why no image can be pushed on this machine, in one line; undefined when one can. */
export function whyNoRegistry(): string | undefined {
  const isMissing = (command: string) => spawnSync(command, ["--version"], { stdio: "ignore" }).status !== 0;
  const missing = ["buildah", "docker-registry", "skopeo"].filter(isMissing);
  return missing.length === 0 ? undefined : `apt-get install ${missing.join(" ")}`;
}

export async function startImageRegistry(): Promise<ImageRegistry> {
  const folder = temporaryFolder().path;
  const address = `localhost:${await freePort()}`;
  const config = join(folder, "config.json");
  const storage = { filesystem: { rootdirectory: join(folder, "images") } };
  writeFileSync(config, JSON.stringify({ version: "0.1", storage, http: { addr: address } }));
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  const exited = once(child, "exit");
  const get = (path: string, accept: string) => fetch(`http://${address}/v2/${path}`, { headers: { accept } });
  await until(async () => (await get("", "*/*").catch(() => undefined))?.ok === true, "the registry answers");
  return {
    address,
    manifest: async (image) => {
      const [, name, digest] = /^(.+)@(.+)$/.exec(image) ?? [];
      const answer = await get(`${name}/manifests/${digest}`, "application/vnd.oci.image.manifest.v1+json");
      return answer.ok ? await answer.text() : undefined;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
