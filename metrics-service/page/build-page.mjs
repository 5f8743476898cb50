import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { build } from "esbuild";

const sources = join(import.meta.dirname, "src");
const entry = "main.tsx";

const contentTypes = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

/** Builds the page from its sources; see build-page.d.mts. */
export async function buildPage() {
  const { outputFiles, metafile } = await bundle();
  const assets = outputFiles.map(({ path, contents }) => {
    const type = contentTypes[extname(path)];
    if (type === undefined) throw new Error(`the page's build wrote a file of no known type: ${path}`);
    return [pathOf(path), { contentType: type, body: contents, isImmutable: true }];
  });
  const html = Buffer.from(await indexHtml(metafile));
  return new Map([
    ["/index.html", { contentType: "text/html; charset=utf-8", body: html, isImmutable: false }],
    ["/favicon.svg", { contentType: "image/svg+xml", body: await readSource("favicon.svg"), isImmutable: false }],
    ...assets,
  ]);
}

/** Names the page's sources; see build-page.d.mts. */
export async function pageSources() {
  const { metafile } = await bundle();
  return new Set(Object.keys(metafile.inputs).map((file) => join(sources, file)));
}

function bundle() {
  return build({
    absWorkingDir: sources,
    entryPoints: { app: entry },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: ["es2022", "chrome111", "firefox113", "safari16.4"],
    minify: true,
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: "assets",
    entryNames: "[name]-[hash]",
    chunkNames: "chunk-[hash]",
    metafile: true,
    write: false,
    logLevel: "silent",
  });
}

/** URL path of a file that esbuild would have written. */
function pathOf(path) {
  return path.slice(sources.length).replaceAll("\\", "/");
}

/** The page's HTML, with the hashed names of what the first view needs. */
async function indexHtml({ outputs }) {
  const [script, { imports }] = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === entry);
  const preloaded = imports.filter(({ kind }) => kind === "import-statement").map(({ path }) => path);
  // Nothing else loads the stylesheets of views that are loaded on demand.
  const stylesheets = Object.keys(outputs).filter((path) => extname(path) === ".css");
  const links = [
    ...stylesheets.map((path) => `<link rel="stylesheet" href="/${path}">`),
    `<script type="module" src="/${script}"></script>`,
    ...preloaded.map((path) => `<link rel="modulepreload" href="/${path}">`),
  ];
  const html = (await readSource("index.html")).toString();
  return html.replace("<!-- assets -->", links.join("\n    "));
}

function readSource(file) {
  return readFile(join(sources, file));
}
