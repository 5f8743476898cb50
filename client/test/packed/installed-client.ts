import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { startRegistry } from "./loopback-registry.ts";
import { readmeExamples } from "./readme-examples.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const compiler = join(root, "node_modules", "@typescript", "native", "bin", "tsc");
const execute = promisify(execFile);

/** A project of somebody else, with the packed SDK and the programs of its README. */
export interface InstalledClient {
  readonly folder: string;
  /** Compiles the programs and checks all types that they reach; rejects with what the compiler says. */
  compile(): Promise<void>;
  /** Runs the compiled programs that need no Google Cloud, in order, against a service; answers what each prints. */
  run(node: string, port: number): Promise<readonly string[]>;
}

/** Packs the SDK and installs it into an empty folder that cleanUp removes, with the npm beside a Node or else of PATH. */
export async function installClient(node: string): Promise<InstalledClient> {
  const folder = temporaryFolder().path;
  const { stdout } = await execute(process.execPath, [join(root, "packaging", "pack-client.mjs"), folder]);
  const { devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const packages = [stdout.trim(), `@types/node@${devDependencies["@types/node"]}`];
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await using registry = await startRegistry();
  const options = ["--registry", registry.url, "--cache", join(folder, "cache"), "--no-audit", "--ignore-scripts"];
  await execute("npm", ["install", ...packages, ...options], {
    cwd: folder,
    env: { HOME: folder, PATH: [dirname(node), process.env.PATH].join(delimiter) },
  });
  return { folder, compile: () => compile(folder), run: (node, port) => run(folder, node, port) };
}

async function compile(folder: string): Promise<void> {
  mkdirSync(join(folder, "src"));
  for (const [index, { code }] of readmeExamples().entries()) {
    writeFileSync(join(folder, "src", `example-${index}.ts`), code);
  }
  const compilerOptions = {
    ...{ target: "es2022", lib: ["es2023"], module: "nodenext", moduleResolution: "nodenext", types: ["node"] },
    ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false },
    ...{ rootDir: "src", outDir: "compiled" },
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  await execute(process.execPath, [compiler, "-p", "."], { cwd: folder }).catch(({ stdout }) => {
    throw new Error(stdout);
  });
}

async function run(folder: string, node: string, port: number): Promise<readonly string[]> {
  const printed: string[] = [];
  for (const [index, { prints }] of readmeExamples().entries()) {
    if (prints === undefined) continue;
    const file = join(folder, "compiled", `example-${index}.js`);
    writeFileSync(file, readFileSync(file, "utf8").replace("127.0.0.1:50051", `127.0.0.1:${port}`));
    const { stdout } = await execute(node, [file], { cwd: folder, env: { PATH: process.env.PATH } });
    printed.push(stdout);
  }
  return printed;
}
