import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { scriptArguments } from "./script-arguments.mjs";

const root = join(import.meta.dirname, "..");
const compiler = join(root, "node_modules", "@typescript", "native", "bin", "tsc");
const { positionals } = scriptArguments("pack-client", {
  usage: `Usage: npm run pack-client [-- FOLDER]

Makes activity-events-client-VERSION.tgz, the SDK as users install it, in FOLDER or dist. It has client/src compiled for
Node 20, with types, and the contract's generated code, so it needs nothing else of this repository.`,
});
const folder = resolve(positionals[0] ?? join(root, "dist"));
const scratch = mkdtempSync(join(tmpdir(), "activity-events-client-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const [compiled, packed] = [join(scratch, "compiled"), join(scratch, "packed")];
const lib = join(packed, "lib");
run(process.execPath, [compiler, "-p", "client/tsconfig.build.json", "--outDir", compiled]);
mkdirSync(packed);
renameSync(join(compiled, "client", "src"), lib);
cpSync(join(root, "proto", "gen"), join(lib, "proto"), { recursive: true });
cpSync(join(compiled, "proto"), join(lib, "proto"), { recursive: true });
for (const file of globSync("**/*.{js,d.ts}", { cwd: lib })) pointInside(file);
writeFileSync(join(packed, "package.json"), `${JSON.stringify(manifest(), undefined, 2)}\n`);
copyFileSync(join(root, "client", "README.md"), join(packed, "README.md"));
copyFileSync(join(root, "LICENSE"), join(packed, "LICENSE"));
mkdirSync(folder, { recursive: true });
const [{ filename }] = JSON.parse(run("npm", ["pack", packed, "--pack-destination", folder, "--json"]));
process.stdout.write(`${join(folder, filename)}\n`);

/** Rewrites imports of a compiled file: those of the contract to the package's copy, those of types to JavaScript. */
function pointInside(file) {
  const text = readFileSync(join(lib, file), "utf8");
  const toContract = relative(dirname(file), "proto").replaceAll("\\", "/") || ".";
  const contract = toContract.startsWith(".") ? toContract : `./${toContract}`;
  const pointed = text
    .replace(/(?<=\bfrom "|\bimport\(")@activity-events\/proto\/(.*?)(?:[.]js)?(?=")/g, `${contract}/$1.js`)
    .replace(/(?<=\bfrom "|\bimport\(")([.].*)[.]ts(?=")/g, "$1.js");
  writeFileSync(join(lib, file), pointed);
}

/** Derives the package's manifest from the workspace's. */
function manifest() {
  const read = (workspace) => JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8"));
  // The sources cannot be published as they are: Node refuses TypeScript below node_modules.
  const { private: _, exports, dependencies, ...rest } = read("client");
  const { "@activity-events/proto": contract, ...others } = { ...read("proto").dependencies, ...dependencies };
  if (contract === undefined) throw new Error("the client does not list the contract");
  const built = (source) => source.replace(/^[.]\/src\/(.*)[.]ts$/, "./lib/$1");
  const entries = Object.entries(exports).map(([path, source]) => {
    return [path, { types: `${built(source)}.d.ts`, default: `${built(source)}.js` }];
  });
  return { ...rest, exports: Object.fromEntries(entries), dependencies: others };
}

/** Runs a command and returns its output. Throws an error with all output if it fails. */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    shell: command === "npm" && process.platform === "win32",
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}
