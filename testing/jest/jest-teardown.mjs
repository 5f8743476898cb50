// jest's globalTeardown.
export { stopEmulatorsForTests as default } from "../../emulators/src/emulators-for-tests.ts";
