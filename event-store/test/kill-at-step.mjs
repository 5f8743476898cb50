// Loaded into each thread of a store's process (--import): kills the process, as kill -9 does, before the appending thread takes its
// step KILL_AT: a statement that writes, or a write or sync of a file. Says how many there were when the process ends by itself.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { workerData } from "node:worker_threads";

if (workerData?.changeCounter !== undefined) {
  let taken = 0;
  const { writeSync } = fs;
  const before = (object, name) => {
    const original = object[name];
    object[name] = function (...values) {
      taken += 1;
      if (taken === Number(process.env.KILL_AT)) process.kill(process.pid, "SIGKILL");
      return original.apply(this, values);
    };
  };
  before(DatabaseSync.prototype, "exec");
  before(StatementSync.prototype, "run");
  for (const name of ["writeSync", "fsyncSync", "closeSync"]) before(fs, name);
  const { get } = StatementSync.prototype;
  StatementSync.prototype.get = function (...values) {
    if (this.sourceSQL.includes("wal_checkpoint")) {
      taken += 1;
      if (taken === Number(process.env.KILL_AT)) process.kill(process.pid, "SIGKILL");
    }
    return get.apply(this, values);
  };
  syncBuiltinESMExports();
  process.on("exit", () => writeSync(1, `steps ${taken}\n`));
}
