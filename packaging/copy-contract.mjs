import { copyFileSync, cpSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** Copies into a folder what a client in any language is generated from: our protos, those that they import, and buf's workspace. */
export function copyContract(folder) {
  for (const module of ["proto/activityevents", "third-party-proto"]) {
    cpSync(join(root, module), join(folder, module), { recursive: true });
  }
  for (const file of ["LICENSE", "buf.yaml"]) copyFileSync(join(root, file), join(folder, file));
  copyFileSync(join(root, "proto", "README.md"), join(folder, "README.md"));
}
