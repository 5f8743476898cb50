import { existsSync, globSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../set-up.mjs";

interface LockedPackage {
  readonly resolved?: string;
  readonly link?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const locked: Readonly<Record<string, LockedPackage>> = JSON.parse(
  readFileSync(join(root, "package-lock.json"), "utf8"),
).packages;

/**
 * Returns the folders of the packages that workspaces need to run, by the lock file; those of other platforms included. Optional
 * peers are not installed, but used where something else brings them.
 */
export function packagesToRun(workspaces: readonly string[], { optionalPeers = false } = {}): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (folder: string) => {
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = locked[folder] ?? {};
    const peers = Object.keys({ ...peerDependencies, ...peerDependenciesMeta }).filter(
      (name) => optionalPeers || !peerDependenciesMeta?.[name]?.optional,
    );
    for (const name of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) {
      const dependency = folderOf(name, folder);
      if (dependency !== undefined) visit(dependency);
    }
  };
  for (const workspace of workspaces) visit(workspace);
  return found;
}

/** Finds the folder that a name leads to from a package, as Node does; undefined for an optional one that is not locked. */
function folderOf(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("/")))) {
    const candidate = join(folder, "node_modules", name);
    const found = locked[candidate];
    if (found !== undefined) return found.link ? found.resolved : candidate;
    if (folder === "") return undefined;
  }
}

/** Returns the bytes of the packages' files on this machine, in blocks of 4 KiB. */
export function installedBytes(folders: Iterable<string>): number {
  let bytes = 0;
  for (const folder of folders) {
    if (!folder.includes("node_modules/") || !existsSync(join(root, folder))) continue;
    for (const file of globSync("**/*", { cwd: join(root, folder), exclude: (name) => name === "node_modules" })) {
      bytes += Math.ceil(lstatSync(join(root, folder, file)).size / 4_096) * 4_096;
    }
  }
  return bytes;
}
