import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@activity-events/testing/free-port";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { startImageRegistry } from "./image-registry.ts";

const script = join(import.meta.dirname, "..", "deploy", "push-image.mjs");
// A registry on this machine speaks no TLS.
const plain = ["--", "--tls-verify=false"];
const built = `localhost/activity-events-pushed:${process.pid}`;

/** Runs the command with buildah: no docker engine is to be found. */
function pushImage(...args: string[]): Promise<{ exitCode: number; output: string; errors: string }> {
  const env = { ...process.env, DOCKER_HOST: "unix:///nowhere" };
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { env }, (error, output, errors) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), output, errors });
    });
  });
}

afterEach(cleanUp);

describe("npm run push-image", () => {
  beforeAll(() => {
    const folder = temporaryFolder().path;
    writeFileSync(join(folder, "Dockerfile"), "FROM scratch\nLABEL what=pushed\n");
    execFileSync("buildah", ["build", "--tag", built, folder], { stdio: "ignore" });
  });
  afterAll(() => {
    spawnSync("buildah", ["rmi", built]);
  });

  test("pushes the image, again and again, and writes where it is by its digest", async () => {
    await using registry = await startImageRegistry();
    const file = join(temporaryFolder().path, "dist", "image");
    const tag = `${registry.address}/activity-events/activity-events:first`;
    execFileSync("buildah", ["tag", built, tag]);

    const first = await pushImage(tag, file, ...plain);
    const again = await pushImage(tag, file, ...plain);
    execFileSync("buildah", ["rmi", tag]);
    const [repository, digest = ""] = first.output.trim().split("@");
    const manifest = await registry.manifest(`activity-events/activity-events@${digest}`);

    expect(first).toMatchObject({ exitCode: 0 });
    expect(again.output).toBe(first.output);
    expect(repository).toBe(`${registry.address}/activity-events/activity-events`);
    expect(readFileSync(file, "utf8")).toBe(first.output);
    expect(`sha256:${createHash("sha256").update(`${manifest}`).digest("hex")}`).toBe(digest);
  });

  test("says what failed where no registry is, and leaves no digest", async () => {
    const file = join(temporaryFolder().path, "image");
    const tag = `localhost:${await freePort()}/activity-events:first`;
    execFileSync("buildah", ["tag", built, tag]);

    const { exitCode, output, errors } = await pushImage(tag, file, ...plain);
    execFileSync("buildah", ["rmi", tag]);

    expect({ exitCode, output }).toEqual({ exitCode: 1, output: "" });
    expect(errors).toMatch(/push-image: buildah push localhost:\d+\/activity-events:first failed\.\n$/);
    expect(existsSync(file)).toBe(false);
  });

  test.each(["activity-events:first", "library/activity-events:first"])(
    "refuses %s, which names no registry",
    async (tag) => {
      const { exitCode, errors } = await pushImage(tag, join(temporaryFolder().path, "image"));

      expect(exitCode).toBe(1);
      expect(errors).toBe("push-image: expected the image's tag, REGISTRY/NAME:TAG, and the file for its digest.\n");
    },
  );
});
