import { execFile, execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";

const root = join(import.meta.dirname, "..");

// A base that is on this machine, where no registry is reachable; npm inside the build then trusts what this machine trusts.
const localBase = process.env.IMAGE_BASE;
const flags = localBase
  ? ["--base", localBase, "--", "--pull-never", "--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"]
  : [];

// In it there is no place where a measured process could say what it ran.
const unmeasured = { NODE_V8_COVERAGE: "" };

// The image as root file system, read-only but for its volume, and its own user; every step becomes the next one, so that
// signals arrive at the service.
const runContainer = `
  set -e
  root=$1 volume=$2 user=$3; shift 3
  mkdir -p "$root/proc" "$root/dev"
  mount --bind "$root" "$root"
  mount --bind "$volume" "$root/data"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -o remount,ro,bind "$root"
  exec chroot --userspec="$user" "$root" "$@"`;

/** What an image says of how it is run. Source: the OCI image specification. */
interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly Volumes: Readonly<Record<string, object>>;
}

/** The image, built as `npm run image` does it and unpacked. */
export interface BuiltImage {
  readonly config: ImageConfig;
  /** All its files. */
  readonly files: readonly string[];
  /** Starts it as a container runtime with a read-only root file system would, listening on a port of this machine. */
  start(options: {
    readonly port: number;
    readonly environment?: Readonly<Record<string, string>>;
  }): ReturnType<typeof startService>;
  /** Runs one of its programs in it, to its end, and answers what it printed. */
  run(command: readonly string[]): Promise<string>;
  remove(): void;
}

/** Why the image cannot be built and run on this machine, in one line; undefined when it can. */
export function whyNoImage(): string | undefined {
  if (spawnSync("buildah", ["--version"]).status !== 0)
    return "the image is built with buildah, found none: apt-get install buildah";
  if (process.getuid?.() !== 0) return "unpacking and running an image takes root";
  const [, pinned = ""] = /^ARG BASE=(.+)$/m.exec(readFileSync(join(root, "Dockerfile"), "utf8")) ?? [];
  const base = localBase || pinned;
  if (spawnSync("buildah", ["inspect", "--type", "image", base]).status === 0) return undefined;
  const { status, stderr } = spawnSync("buildah", ["pull", base], { encoding: "utf8" });
  if (status === 0) return undefined;
  return `the image's base cannot be fetched (${stderr.trim().split("\n").at(-1)}): IMAGE_BASE may name one of this machine`;
}

/** Builds the image under a name of its own. */
export async function buildImage(): Promise<BuiltImage> {
  const tag = `localhost/activity-events-under-test:${process.pid}`;
  const { DOCKER_HOST: _, ...environment } = process.env;
  await promisify(execFile)(process.execPath, [join(root, "packaging", "image.mjs"), "--tag", tag, ...flags], {
    // No docker: this test knows how to look into what buildah makes.
    env: { ...environment, DOCKER_HOST: "unix:///nowhere" },
  });
  const container = buildah("from", "--pull-never", tag);
  const { OCIv1 } = JSON.parse(buildah("inspect", container));
  const config: ImageConfig = OCIv1.config;
  const folder = buildah("mount", container);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length));
  const contained = (command: readonly string[]) => {
    const volume = temporaryFolder().path;
    execFileSync("chown", [config.User, volume]);
    return ["unshare", "--mount", "sh", "-c", runContainer, "sh", folder, volume, config.User, ...command];
  };
  return {
    config,
    files,
    run: async (command) => {
      const [file = "", ...args] = contained(command);
      const { stdout } = await promisify(execFile)(file, args, { env: { ...process.env, ...unmeasured } });
      return stdout;
    },
    start: ({ port, environment: more = {} }) => {
      return startService({
        dataDir: "/data",
        environment: { ...Object.fromEntries(config.Env.map(assignment)), ...more, ...unmeasured, PORT: `${port}` },
        command: contained(config.Entrypoint),
      });
    },
    remove: () => {
      buildah("rm", container);
      buildah("rmi", tag);
    },
  };
}

function assignment(text: string): [string, string] {
  const [name = "", ...value] = text.split("=");
  return [name, value.join("=")];
}

function buildah(...args: readonly string[]): string {
  return execFileSync("buildah", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
