/** @type {import("jest").Config} */
export default {
  testMatch: ["**/test/**/*.test.ts", "<rootDir>/boundaries/*.test.ts", "<rootDir>/e2e/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/boundaries/planted/"],
  // The planted packages carry the names of the real ones.
  modulePathIgnorePatterns: ["<rootDir>/boundaries/planted/"],
  // Only our own TypeScript is transformed: types become blanks, as when Node runs it, and all else stays where it stands.
  extensionsToTreatAsEsm: [".ts"],
  transform: { "[.]ts$": "<rootDir>/jest-transform.mjs" },
  // The emulators run once for all tests named *.cloud.test.ts.
  globalSetup: "<rootDir>/emulators/jest-setup.mjs",
  globalTeardown: "<rootDir>/emulators/jest-teardown.mjs",
  testEnvironment: "<rootDir>/jest-environment.mjs",
  // Tests start services, kill them and write many events; one that hangs still ends.
  testTimeout: 60_000,
  // Many tests wait for other processes most of their time; jest alone would leave a core free, and of two that is half.
  maxWorkers: 2,
};
