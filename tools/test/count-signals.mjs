// Says `ready` and the name of each signal that comes, and ends with 7 when after one no other comes in a second.
let end;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    process.stdout.write(`${signal}\n`);
    clearTimeout(end);
    end = setTimeout(() => process.exit(7), 1_000);
  });
}
setInterval(() => {}, 60_000);
process.stdout.write("ready\n");
