// Opens the sqlite store of a file and prints a hash of everything that it gives back: node tell-stored.ts FILE
import { createHash } from "node:crypto";
import { differingFields } from "../contract/builders.ts";
import { storedLines } from "../contract/stored-lines.ts";
import { openSqliteStore } from "../src/sqlite/store.ts";

const [file = ""] = process.argv.slice(2);
const store = await openSqliteStore({ file, differingFields });
const lines = await storedLines(store);
await store.close();
process.stdout.write(`${lines.length} ${createHash("sha256").update(lines.join("\n")).digest("hex")}\n`);
