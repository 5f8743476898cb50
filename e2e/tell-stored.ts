// Opens the sqlite store of a file and prints a hash of everything that it gives back and that schema 3 kept: node tell-stored.ts FILE
import { createHash } from "node:crypto";
import { storedLines } from "@activity-events/event-store/contract/stored-lines";
import { openSqliteStore } from "../event-store/src/sqlite/store.ts";
import { contentCodec } from "../run-service/src/content-codec.ts";
import { keptBySchema } from "./kept-by-schema.ts";

const [file = ""] = process.argv.slice(2);
const store = await openSqliteStore({ file, codec: contentCodec });
const lines = (await storedLines(store)).map((line) => JSON.stringify(keptBySchema(3, line)));
await store.close();
process.stdout.write(`${lines.length} ${createHash("sha256").update(lines.join("\n")).digest("hex")}\n`);
