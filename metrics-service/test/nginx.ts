import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { until } from "@activity-events/testing/until";

/** Returns why nginx cannot run on this machine, if so. */
export function whyNoNginx(): string | undefined {
  const { status } = spawnSync("nginx", ["-v"], { stdio: "ignore", env: sbinOnPath() });
  return status === 0 ? undefined : "`apt-get install nginx` brings it";
}

interface NginxOptions {
  /** Content of a file in `conf.d`. */
  readonly configuration: string;
  /** Empty folder for its files. */
  readonly folder: string;
  /** Port that the configuration listens on. */
  readonly port: number;
}

/** Starts nginx and waits until it listens. */
export async function startNginx({ configuration, folder, port }: NginxOptions): Promise<AsyncDisposable> {
  mkdirSync(folder);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off;
    pid ${folder}/pid;
    error_log stderr;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}
      ${configuration}
    }`,
  );
  const child = spawn("nginx", ["-e", "stderr", "-p", folder, "-c", file], {
    stdio: ["ignore", "inherit", "inherit"],
    env: sbinOnPath(),
  });
  const ended = once(child, "close");
  await until(async () => child.exitCode !== null || (await isOpen(port)), "nginx listens");
  if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`);
  return {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const open = once(socket, "connect").then(
    () => true,
    () => false,
  );
  return open.finally(() => socket.destroy());
}

/** Debian keeps nginx where only root looks. */
function sbinOnPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}
