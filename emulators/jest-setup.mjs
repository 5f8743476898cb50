import { startEmulatorsForTests } from "./src/emulators-for-tests.ts";

// jest's globalSetup. JavaScript, so that jest leaves it, and the TypeScript behind it, to Node.
export default (globalConfig) =>
  startEmulatorsForTests({
    selection: globalConfig,
    environment: process.env,
    report: (line) => process.stderr.write(`${line}\n`),
  });
