import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..", "..");

/** A registry on loopback with the packages that this repository has installed, and no others. */
export interface LoopbackRegistry {
  readonly url: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Starts a registry of all versions in node_modules; npm resolves against it as against any other. */
export async function startRegistry(): Promise<LoopbackRegistry> {
  const folders = installedFolders();
  const server = createServer((request, response) => answer(folders, request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The folders of each package by its versions. Source: the lock file, which names every folder. */
function installedFolders(): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const folders = new Map<string, Map<string, string>>();
  for (const [folder, { version, link }] of Object.entries<{ version: string; link?: boolean }>(packages)) {
    const [, name] = /.*node_modules\/(.+)$/.exec(folder) ?? [];
    // The lock file also has the packages of other platforms.
    if (link || name === undefined || !existsSync(join(root, folder, "package.json"))) continue;
    folders.set(name, (folders.get(name) ?? new Map<string, string>()).set(version, folder));
  }
  return folders;
}

/** Answers what npm asks: `/NAME` for the versions of a package, `/FOLDER.tgz` for one of them. */
function answer(
  folders: ReadonlyMap<string, ReadonlyMap<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = decodeURIComponent(request.url ?? "").slice(1);
  if (path.endsWith(".tgz")) {
    // npm takes the first part of each path off, whatever it is.
    const args = ["-cz", "--exclude=./node_modules", "-C", join(root, path.slice(0, -".tgz".length)), "."];
    spawn("tar", args, { stdio: ["ignore", "pipe", "inherit"] }).stdout.pipe(response);
    return;
  }
  const versions = [...(folders.get(path) ?? [])].map(([version, folder]) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return [version, { ...manifest, dist: { tarball: `http://${request.headers.host}/${folder}.tgz` } }];
  });
  response.writeHead(versions.length === 0 ? 404 : 200, { "content-type": "application/json" });
  response.end(JSON.stringify({ name: path, versions: Object.fromEntries(versions), "dist-tags": {} }));
}
