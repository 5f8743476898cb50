// jest's globalTeardown.
export { stopEmulatorsForTests as default } from "./src/emulators-for-tests.ts";
