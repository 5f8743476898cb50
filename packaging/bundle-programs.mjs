import { readFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { buildPage, pageSources } from "@activity-events/page/build-page";
import { build, transform } from "esbuild";
import { sourceCommit } from "./source-commit.mjs";

const root = join(import.meta.dirname, "..");

// Options of every step of a bundle.
const target = {
  platform: "node",
  target: "node24",
  legalComments: "none",
  // Names stay: the log uses class names, stack traces function names.
  minifyWhitespace: true,
  minifySyntax: true,
};

/**
 * Bundles programs, given by name with entry files: `NAME.cjs` for each, and the chunks that they share or load at an
 * `import()`. Returns the contents by file name, and the source files.
 */
export async function bundlePrograms(entryPoints) {
  const sources = new Set();
  const options = { entryPoints, format: "esm", splitting: true, outExtension: { ".js": ".cjs" } };
  const files = await bundle(options, sources);
  const banners = Object.fromEntries(Object.keys(entryPoints).map((name) => [`${name}.cjs`, keepCompiled]));
  const translate = async ([name, text]) => [name, await toCommonJs(text, banners[name])];
  return { files: new Map(await Promise.all([...files].map(translate))), sources };
}

// The first start caches compiled code beside the program for later starts; in a read-only folder each start compiles
// again. Code before this line is never cached, so programs import large modules on demand.
const keepCompiled = `require("node:module").enableCompileCache({directory:__dirname+"/.compiled",portable:true});`;

/** Bundles one program into a single file with everything that it may load; `first` is code to run first. */
export async function bundleSingleFile(name, entry, first = "") {
  const sources = new Set();
  const [[, text]] = await bundle({ entryPoints: { [name]: entry }, format: "cjs", banner: { js: first } }, sources);
  return { text, sources };
}

/** Returns the files that programs, given by name with their entry files, are made of, their threads included. */
export async function sourcesOf(entryPoints) {
  const sources = new Set();
  await bundle({ entryPoints, format: "esm" }, sources);
  return sources;
}

/** Returns the bundle's files and adds their inputs to `sources`. */
async function bundle(options, sources) {
  const { outputFiles, metafile } = await build({
    ...target,
    ...options,
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    outdir: "out",
    define: { bundledCommit: JSON.stringify(sourceCommit()) ?? "undefined" },
    plugins: [page(sources), threads(sources)],
  });
  for (const source of Object.keys(metafile.inputs)) sources.add(source);
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
}

// esbuild splits only ES modules, but Node starts CommonJS faster. So each file is converted separately, and an
// `import()` becomes a require() at the time of the call.
async function toCommonJs(text, banner = "") {
  const { code } = await transform(text, { ...target, banner, format: "cjs", supported: { "dynamic-import": false } });
  return code;
}

// `new URL("./some/some-worker.ts", import.meta.url)` names a thread's file. In the bundle the thread is a string in
// the program, so it needs no file.
const threads = (sources) => ({
  name: "threads",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[.]ts$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [named, file] of contents.matchAll(/new URL\(\s*"([.]\/[\w/-]+[.]ts)",\s*import[.]meta[.]url\)/g)) {
        const [[, code]] = await bundle({ entryPoints: [join(dirname(path), file)], format: "esm" }, sources);
        const url = `data:text/javascript,${encodeURIComponent(code)}`;
        contents = contents.replace(named, () => `new URL(${JSON.stringify(url)})`);
      }
      return { contents, loader: "ts" };
    });
  },
});

// The metrics service builds the page when it starts; in the bundle it holds the page as built.
const page = (sources) => ({
  name: "page",
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]metrics-service[\\/]src[\\/]http[\\/]page-files[.]ts$/ }, async () => {
      for (const source of await pageSources()) sources.add(relative(root, source).replaceAll("\\", "/"));
      const files = [...(await buildPage())].map(([path, { body, ...file }]) => [
        path,
        { ...file, body: Buffer.from(body).toString("base64") },
      ]);
      const contents = `const files = ${JSON.stringify(files)};
        export async function pageFiles() {
          return new Map(files.map(([path, file]) => [path, { ...file, body: Buffer.from(file.body, "base64") }]));
        }`;
      return { contents, loader: "js" };
    });
  },
});
