import { spawnSync } from "node:child_process";

/**
 * Returns the command that builds and pushes images: docker if its engine answers, otherwise buildah; undefined without
 * both.
 */
export function imageEngine() {
  return ["docker", "buildah"].find((engine) => spawnSync(engine, ["info"], { stdio: "ignore" }).status === 0);
}

/** Message for a machine without an image engine. */
export const noImageEngine =
  "this needs docker with an engine that answers, or buildah (Debian: apt-get install buildah)";
