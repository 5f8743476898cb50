import { mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryFolder, temporaryFolder } from "@activity-events/testing/temporary-folder";

/** A file that others replace while it is read. */
export interface SwappedFile extends Disposable {
  readonly path: string;
  replace(text: string): void;
}

/**
 * A file in a volume of Kubernetes, replaced as the kubelet does it: the files are in a new folder, `..data` is a link to it, and a
 * rename moves that link. The path of the file is a link through `..data` and never changes.
 */
export function fileInVolume(text: string): SwappedFile {
  const folder = temporaryFolder();
  const path = join(folder.path, "config.yaml");
  const [data, next] = [join(folder.path, "..data"), join(folder.path, "..data_tmp")];
  let count = 0;
  const write = (content: string) => {
    count += 1;
    const name = `..2026_11_28_08_00_0${count}.${count}`;
    mkdirSync(join(folder.path, name));
    writeFileSync(join(folder.path, name, "config.yaml"), content);
    symlinkSync(name, next);
  };
  write(text);
  renameSync(next, data);
  symlinkSync(join("..data", "config.yaml"), path);
  const replace = (content: string) => {
    const before = readlinkSync(data);
    write(content);
    renameSync(next, data);
    rmSync(join(folder.path, before), { recursive: true });
  };
  return swapped(folder, path, replace);
}

/** A file replaced as consul-template and careful editors do it: written beside it under another name, then renamed over it. */
export function renamedFile(text: string): SwappedFile {
  const folder = temporaryFolder();
  const path = join(folder.path, "config.yaml");
  const replace = (content: string) => {
    const next = join(folder.path, ".config.yaml.3141592");
    writeFileSync(next, content);
    renameSync(next, path);
  };
  replace(text);
  return swapped(folder, path, replace);
}

function swapped(folder: TemporaryFolder, path: string, replace: (text: string) => void): SwappedFile {
  return { path, replace, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}
