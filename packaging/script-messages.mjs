/** What a script says on standard error, under its name: `tell` writes a line, `fail` writes one and ends the process with 1. */
export function scriptMessages(name) {
  const tell = (message) => process.stderr.write(`${name}: ${message}\n`);
  const fail = (message) => {
    tell(message);
    process.exit(1);
  };
  return { tell, fail };
}
