import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sourcesOf } from "./bundle-programs.mjs";
import { packageFolders } from "./third-party-licenses.mjs";

const root = join(import.meta.dirname, "..");
const programs = {
  service: "run-service/src/main.ts",
  client: "cli/src/main.ts",
  page: "metrics-service/src/main.ts",
  webhooks: "functions/webhooks/src/main.ts",
  mirror: "functions/mirror/src/main.ts",
};

/**
 * The bill of materials of the programs, as npm makes it of the installed packages: a CycloneDX document in JSON. It holds what esbuild
 * puts into a program without any manifest asking for it as well, such as what `debug` takes along where it finds it.
 */
export async function makeBillOfMaterials() {
  const workspaces = Object.values(programs).flatMap((file) => ["--workspace", file.replace(/\/src\/.*/, "")]);
  const args = ["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application", ...workspaces];
  const shell = process.platform === "win32";
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: root, encoding: "utf8", shell, maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`npm sbom failed: ${stderr}`);
  const bill = JSON.parse(stdout);
  // npm names it after the checkout's folder.
  const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  bill.metadata.component.name = name;
  const listed = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
  for (const folder of packageFolders(await sourcesOf(programs))) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    const title = `${name}@${version}`;
    if (listed.has(title)) continue;
    const purl = `pkg:npm/${title.replace(/^@/, "%40")}`;
    const licenses = [{ license: { id: license } }];
    bill.components.push({ "bom-ref": title, type: "library", name, version, purl, licenses });
  }
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}
