import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An empty folder; its path has no links. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

const folders = new Set<TemporaryFolder>();

/** Makes a folder that is removed at the end of its `using` block, otherwise by `removeTemporaryFolders`. */
export function temporaryFolder(): TemporaryFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "activity-events-test-")));
  const folder = {
    path,
    [Symbol.dispose]: () => {
      folders.delete(folder);
      rmSync(path, { recursive: true, force: true });
    },
  };
  folders.add(folder);
  return folder;
}

/** Removes the remaining folders; for afterEach. `cleanUp` of running-service.ts does so too. */
export function removeTemporaryFolders(): void {
  for (const folder of folders) folder[Symbol.dispose]();
}
