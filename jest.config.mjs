/** @type {import("jest").Config} */
export default {
  testMatch: ["**/test/**/*.test.ts", "<rootDir>/tools/boundaries/*.test.ts", "<rootDir>/e2e/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/tools/boundaries/planted/"],
  // The planted packages carry the names of the real ones.
  modulePathIgnorePatterns: ["<rootDir>/tools/boundaries/planted/"],
  // Only our own TypeScript is transformed: types become blanks, as when Node runs it, and all else stays where it stands.
  extensionsToTreatAsEsm: [".ts"],
  transform: { "[.]ts$": "<rootDir>/testing/jest/jest-transform.mjs" },
  // What a test file needs beyond Node is said by its name: testing/jest/test-needs.ts.
  filter: "<rootDir>/testing/jest/choose-test-files.ts",
  globalSetup: "<rootDir>/testing/jest/jest-setup.mjs",
  globalTeardown: "<rootDir>/testing/jest/jest-teardown.mjs",
  testEnvironment: "<rootDir>/testing/jest/jest-environment.mjs",
  reporters: ["default", "<rootDir>/testing/jest/left-out-reporter.mjs"],
  // The last resort, for a test that hangs: no test is about how long something takes.
  testTimeout: 300_000,
  // Many tests wait for other processes most of their time; jest alone would leave a core free, and of two that is half.
  maxWorkers: 2,
};
