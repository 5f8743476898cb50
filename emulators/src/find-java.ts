import { execFile } from "node:child_process";
import { readdir, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";

/** Oldest major version of Java that firebase-tools accepts. */
export const javaVersionMin = 21;

/** A working Java installation. */
export interface Java {
  /** Absolute path, as in JAVA_HOME. */
  readonly home: string;
  /** Major version, such as 21. */
  readonly version: number;
}

/** Result of findJava: the first Java that is new enough, or the ones that are too old. */
export type JavaSearch =
  | { readonly kind: "found"; readonly java: Java }
  | { readonly kind: "missing"; readonly tooOld: readonly Java[] };

/**
 * Finds Java `javaVersionMin` or newer: in JAVA_HOME, then on PATH, then the newest beside the folder that PATH's java
 * resolves to, where systems keep several versions.
 */
export async function findJava(environment: NodeJS.ProcessEnv): Promise<JavaSearch> {
  const tooOld: Java[] = [];
  for (const home of await defaultHomes(environment)) {
    const java = await probe(home);
    if (java !== undefined && java.version >= javaVersionMin) return { kind: "found", java };
    if (java !== undefined) tooOld.push(java);
  }
  const probed = await Promise.all((await homesBeside(tooOld.map(({ home }) => home))).map(probe));
  const [newest, ...others] = probed
    .filter((java) => java !== undefined)
    .sort((a, b) => b.version - a.version || a.home.localeCompare(b.home));
  if (newest !== undefined && newest.version >= javaVersionMin) return { kind: "found", java: newest };
  return { kind: "missing", tooOld: [...tooOld, ...(newest === undefined ? [] : [newest, ...others])] };
}

/** Returns JAVA_HOME and the home of every java on PATH, without duplicates. */
async function defaultHomes({ JAVA_HOME, PATH = "" }: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = PATH.split(delimiter).filter((folder) => folder !== "");
  const onPath = await Promise.all(folders.map((folder) => homeOf(join(folder, "java"))));
  return [...new Set([JAVA_HOME || undefined, ...onPath].filter((home) => home !== undefined))];
}

/** Resolves the links of a java and returns its home; undefined if there is none. */
async function homeOf(java: string): Promise<string | undefined> {
  try {
    return dirname(dirname(await realpath(java)));
  } catch {
    return undefined;
  }
}

async function homesBeside(homes: readonly string[]): Promise<string[]> {
  const parents = [...new Set(homes.map(dirname))];
  const found = await Promise.all(
    parents.map(async (parent) => {
      const names = await readdir(parent).catch(() => []);
      return Promise.all(names.map((name) => homeOf(join(parent, name, "bin", "java"))));
    }),
  );
  return [...new Set(found.flat())].filter((home) => home !== undefined && !homes.includes(home)) as string[];
}

/** Runs the java of a home to get its version; undefined if it does not run here. */
async function probe(home: string): Promise<Java | undefined> {
  const said = await new Promise<string>((resolve) => {
    execFile(join(home, "bin", "java"), ["-version"], { timeout: 10_000 }, (_error, stdout, stderr) =>
      resolve(`${stdout}${stderr}`),
    );
  });
  // Versions before 9 are 1.8, 1.7 and so on.
  const [, major, minor] = /version "(\d+)(?:\.(\d+))?/.exec(said) ?? [];
  return major === undefined ? undefined : { home, version: Number(major === "1" ? minor : major) };
}
