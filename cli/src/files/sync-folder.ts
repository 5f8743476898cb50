import { open } from "node:fs/promises";

/** Waits until the disk has the names in a folder, where the folder can be opened: on Windows none can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().finally(() => handle.close());
}
