// Prints its arguments and variables.
const { GREETING, EMPTY } = process.env;
const call = { node: process.versions.node, title: process.title, greeting: GREETING, empty: EMPTY };
process.stdout.write(JSON.stringify({ ...call, args: process.argv.slice(2) }));
process.exitCode = 7;
