import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "@activity-events/testing/free-port";

/** A way to the service, open until it is disposed. */
export interface OpenRoute extends AsyncDisposable {
  readonly address: string;
}

/** A way to the service. */
export interface Route {
  /** Says in one line what this machine lacks; undefined where it lacks nothing. */
  whyNot(): string | undefined;
  /** Opens it to the service at an address, with all that it writes in a folder of its own. */
  open(service: string, folder: string): Promise<OpenRoute>;
}

/** The ways to the service, by name. */
export const routes: Readonly<Record<string, Route>> = {
  directly: {
    whyNot: () => undefined,
    open: async (service) => ({ address: service, [Symbol.asyncDispose]: async () => {} }),
  },
  "by nginx": {
    whyNot: () => (runs("nginx", "-v") ? undefined : "by nginx: apt-get install nginx"),
    open: (service, folder) => openProxy("nginx", folder, (port) => nginx(service, port, folder), ["-p", folder, "-c"]),
  },
  "by haproxy": {
    whyNot: () => (runs("haproxy", "-v") ? undefined : "by haproxy: apt-get install haproxy"),
    open: (service, folder) => openProxy("haproxy", folder, (port) => haproxy(service, port), ["-db", "-f"]),
  },
};

// Streams live for an hour, and requests are passed on as they come, however long they are.
function nginx(service: string, port: number, folder: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
    daemon off;
    pid ${folder}/pid;
    error_log ${folder}/error.log;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}
      server {
        listen 127.0.0.1:${port} http2;
        client_max_body_size 0;
        client_body_timeout 1h;
        location / {
          grpc_pass grpc://${service};
          grpc_buffer_size 64k;
          grpc_read_timeout 1h;
          grpc_send_timeout 1h;
        }
      }
    }`;
}

// haproxy keeps what a stream sends in one buffer, and reads nothing else of the connection while that is full: with the window that it
// grants above its buffer, one busy stream stops all others, and keepalive with them.
function haproxy(service: string, port: number): string {
  return `
global
  tune.bufsize 131072
  tune.h2.initial-window-size 65535
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen grpc
  bind 127.0.0.1:${port} proto h2
  server service ${service} proto h2
`;
}

async function openProxy(
  command: string,
  folder: string,
  configuration: (port: number) => string,
  args: readonly string[],
): Promise<OpenRoute> {
  const port = await freePort();
  const file = join(folder, `${command}.conf`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, configuration(port));
  const child = spawn(command, [...args, file], { stdio: ["ignore", 2, 2], env: sbinOnPath() });
  const ended = once(child, "close");
  await untilListens(child, command, port);
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function untilListens(child: ChildProcess, command: string, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}; what it said stands above`);
    const socket = createConnection({ host: "127.0.0.1", port });
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await sleep(20);
  }
}

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore", env: sbinOnPath() }).status === 0;
}

/** Debian keeps both programs where only root looks. */
function sbinOnPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
}
