import { spawnSync } from "node:child_process";

/** The command that builds and pushes images here: docker where its engine answers, else buildah; undefined without both. */
export function imageEngine() {
  return ["docker", "buildah"].find((engine) => spawnSync(engine, ["info"], { stdio: "ignore" }).status === 0);
}

/** What to say where there is none. */
export const noImageEngine =
  "this needs docker with an engine that answers, or buildah (Debian: apt-get install buildah)";
