// Prints `ready` and the name of each signal; exits with 7 if no signal follows within a second of the last.
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
