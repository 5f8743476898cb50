// A cycle is reported once, at the file that comes first.
import type { here } from "./cycle-here.ts";

export const there: typeof here | undefined = undefined;
