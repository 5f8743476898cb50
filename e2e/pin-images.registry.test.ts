import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUp } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { type ImageRegistry, startImageRegistry } from "./image-registry.ts";

const root = join(import.meta.dirname, "..");
const files = ["Dockerfile", "deploy/tools.Dockerfile", "cloudbuild.yaml", "cloudbuild.test.yaml"];
const hosts = ["docker.io", "gcr.io"];

afterEach(cleanUp);

/** A copy of the script and of what it changes. */
function copyOfSources(): string {
  const copy = temporaryFolder().path;
  for (const file of ["packaging", ...files]) cpSync(join(root, file), join(copy, file), { recursive: true });
  return copy;
}

/** The names of images in the files, without digests. Looks for them by words of its own: all with a registry's host. */
function namesIn(folder: string): string[] {
  const found = files.flatMap((file) =>
    readFileSync(join(folder, file), "utf8").match(/(?:docker|gcr)[.]io\/[^\s@"]+/g),
  );
  return [...new Set(found.filter((name) => name !== null))];
}

/** Has skopeo take from this registry what it would ask those of the world for, and reach none but it. */
function pointAt({ address }: ImageRegistry, folder: string): NodeJS.ProcessEnv {
  const entries = hosts.map(
    (host) => `[[registry]]\nprefix = "${host}"\nlocation = "${address}/${host}"\ninsecure = true\n`,
  );
  const settings = join(folder, ".config", "containers");
  mkdirSync(settings, { recursive: true });
  writeFileSync(join(settings, "registries.conf"), entries.join("\n"));
  const nowhere = "http://127.0.0.1:1";
  const away = { HTTPS_PROXY: nowhere, HTTP_PROXY: nowhere, NO_PROXY: "localhost" };
  // No docker engine is to be found.
  return { ...process.env, ...away, HOME: folder, DOCKER_HOST: "unix:///nowhere" };
}

function pinImages(folder: string, env: NodeJS.ProcessEnv) {
  return new Promise<{ exitCode: number; output: string; errors: string }>((resolve) => {
    execFile(process.execPath, [join(folder, "packaging", "pin-images.mjs")], { env }, (error, output, errors) =>
      resolve({ exitCode: error === null ? 0 : Number(error.code), output, errors }),
    );
  });
}

/** Fills the registry with an image of each name; returns the digests that it gave them. */
function pushAll({ address }: ImageRegistry, names: readonly string[]): Map<string, string> {
  const folder = temporaryFolder().path;
  return new Map(
    names.map((name) => {
      writeFileSync(join(folder, "Dockerfile"), `FROM scratch\nLABEL what=${name}\n`);
      const tag = `localhost/activity-events-pinned:${createHash("sha256").update(`${process.pid}${name}`).digest("hex")}`;
      execFileSync("buildah", ["build", "--tag", tag, folder], { stdio: "ignore" });
      const digestFile = join(folder, "digest");
      const place = /:[^/]+$/.test(name) ? name : `${name}:latest`;
      execFileSync(
        "buildah",
        ["push", "--tls-verify=false", "--digestfile", digestFile, tag, `docker://${address}/${place}`],
        {
          stdio: "ignore",
        },
      );
      execFileSync("buildah", ["rmi", tag], { stdio: "ignore" });
      return [name, readFileSync(digestFile, "utf8").trim()];
    }),
  );
}

test("each image of others is named by the digest that its registry gives", async () => {
  await using registry = await startImageRegistry();
  const copy = copyOfSources();
  const names = namesIn(copy);
  const digests = pushAll(registry, names);

  const { exitCode, errors } = await pinImages(copy, pointAt(registry, copy));

  expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: "" });
  expect(names.length).toBeGreaterThan(4);
  for (const file of files) {
    const text = readFileSync(join(copy, file), "utf8");
    const pinned = readFileSync(join(root, file), "utf8").replace(
      /((?:docker|gcr)[.]io\/[^\s@"]+)(@sha256:\w+)?/g,
      (_, name) => `${name}@${digests.get(name)}`,
    );
    expect(text).toBe(pinned);
  }
});

test("where a registry lacks one image, it is named, and no file is changed", async () => {
  await using registry = await startImageRegistry();
  const copy = copyOfSources();
  const [missing = "", ...names] = namesIn(copy).reverse();
  pushAll(registry, names);

  const { exitCode, output, errors } = await pinImages(copy, pointAt(registry, copy));

  expect({ exitCode, output }).toEqual({ exitCode: 1, output: "" });
  expect(errors).toContain(`pin-images: skopeo found no digest of ${missing}; nothing is changed.\n`);
  for (const file of files) expect(readFileSync(join(copy, file), "utf8")).toBe(readFileSync(join(root, file), "utf8"));
});
