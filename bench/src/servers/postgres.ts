import { chownSync, readFileSync } from "node:fs";
import { freePort } from "@activity-events/testing/free-port";
import { MissingToolError } from "../contender.ts";
import type { Scratch } from "../scratch.ts";
import { findCommand } from "./find-command.ts";
import type { Server } from "./server.ts";
import { untilListening } from "./until-listening.ts";

const where = { debianPackage: "postgresql", alsoIn: "/usr/lib/postgresql/*/bin" };

/** Starts PostgreSQL with default settings: synchronous commits. It refuses root and then runs as another user. */
export async function startPostgres(scratch: Scratch): Promise<Server> {
  const initdb = findCommand("initdb", where);
  const command = findCommand("postgres", where);
  const user = unprivilegedUser();
  const folder = await scratch.folder("postgres");
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  const as = user === undefined ? {} : { user };

  const initArgs = ["--pgdata", folder, "--username", "bench", "--auth", "trust", "--no-instructions"];
  const initializing = scratch.start({ command: initdb, args: initArgs, ...as });
  await initializing.exited;
  if (initializing.child.exitCode !== 0) throw new Error(`initdb failed: ${initializing.said()}`);

  const port = await freePort();
  // No Unix socket: its default folder belongs to the system's server.
  const args = ["-D", folder, "-h", "127.0.0.1", "-p", `${port}`, "-k", ""];
  const started = scratch.start({ command, args, ...as });
  await untilListening(started, { port });
  return { address: `127.0.0.1:${port}`, pid: started.pid, stop: () => started.stop() };
}

/** Returns the user to run as instead of root; undefined if this process is not root. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8").split("\n");
  const [, , uid, gid] =
    ["postgres", "nobody"]
      .map((name) => users.find((line) => line.startsWith(`${name}:`))?.split(":"))
      .find((fields) => fields !== undefined) ?? [];
  if (uid === undefined || gid === undefined)
    throw new MissingToolError("PostgreSQL refuses root; run the bench as another user");
  return { uid: Number(uid), gid: Number(gid) };
}
