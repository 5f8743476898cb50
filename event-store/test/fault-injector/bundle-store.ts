import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { build } from "esbuild";

/** A fault that is planted into the store: this text of this file of event-store/src becomes that one. */
export interface PlantedFault {
  readonly file: string;
  readonly text: string;
  readonly becomes: string;
}

const sources = join(import.meta.dirname, "../../src");

/**
 * Bundles store-process.ts and the store's threads into this folder, so that a process of it starts soon, and answers the
 * script. Throws when a fault to be planted finds no place, or more than one.
 */
export async function bundleStore(folder: string, planted: readonly PlantedFault[] = []): Promise<string> {
  const threads = globSync("sqlite/*/*-worker.ts", { cwd: sources });
  const missed = new Set(planted);
  await build({
    entryPoints: [join(import.meta.dirname, "store-process.ts"), ...threads.map((file) => join(sources, file))],
    outdir: folder,
    entryNames: "[name]",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    external: ["@google-cloud/firestore"],
    plugins: [
      {
        name: "plant",
        setup: ({ onLoad }) =>
          onLoad({ filter: /[.]ts$/ }, ({ path }) => {
            let contents = readFileSync(path, "utf8");
            for (const fault of planted.filter(({ file }) => path === join(sources, file))) {
              if (contents.split(fault.text).length !== 2)
                throw new Error(`${fault.text} is not once in ${fault.file}`);
              contents = contents.replace(fault.text, () => fault.becomes);
              missed.delete(fault);
            }
            return { contents, loader: "ts" };
          }),
      },
    ],
  });
  for (const { file } of missed) throw new Error(`${file} is no file of the store`);
  for (const file of globSync("*.mjs", { cwd: folder }).map((name) => join(folder, name))) {
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      threads.reduce((all, thread) => all.replaceAll(`./${relative("sqlite", thread)}`, nameOf(thread)), text),
    );
  }
  return join(folder, "store-process.mjs");
}

function nameOf(thread: string): string {
  return `./${basename(thread, ".ts")}.mjs`;
}
