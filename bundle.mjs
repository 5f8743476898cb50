// `npm run bundle [FOLDER]`: puts the programs that users run into dist, each with all that it needs of this repository and
// of node_modules, so that Node alone runs them from wherever the folder is copied to:
//   service/activity_server.cjs, service/backup.cjs and the chunks that these load when they need them
//   client/activity_client.cjs
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundlePrograms } from "./bundle-programs.mjs";

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, "dist"));

const programs = {
  service: { activity_server: "run-service/src/main.ts", backup: "run-service/src/backup.ts" },
  client: { activity_client: "client/src/main.ts" },
};

for (const [part, entries] of Object.entries(programs)) {
  const target = join(folder, part);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [file, content] of await bundlePrograms(entries)) writeFileSync(join(target, file), content);
  for (const name of Object.keys(entries)) process.stdout.write(`${join(target, `${name}.cjs`)}\n`);
}
