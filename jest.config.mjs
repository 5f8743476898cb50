/** @type {import("jest").Config} */
export default {
  testMatch: ["**/test/**/*.test.ts", "<rootDir>/tools/boundaries/*.test.ts", "<rootDir>/e2e/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/tools/boundaries/planted/"],
  // The planted packages have the names of the real ones.
  modulePathIgnorePatterns: ["<rootDir>/tools/boundaries/planted/"],
  // Transforms only our own TypeScript: types become blanks, as when Node runs it, and everything else keeps its position.
  extensionsToTreatAsEsm: [".ts"],
  transform: { "[.]ts$": "<rootDir>/testing/jest/jest-transform.mjs" },
  // The name of a test file says what it needs beyond Node: testing/jest/test-needs.ts.
  filter: "<rootDir>/testing/jest/choose-test-files.ts",
  globalSetup: "<rootDir>/testing/jest/jest-setup.mjs",
  globalTeardown: "<rootDir>/testing/jest/jest-teardown.mjs",
  testEnvironment: "<rootDir>/testing/jest/jest-environment.mjs",
  reporters: ["default", "<rootDir>/testing/jest/left-out-reporter.mjs"],
  // A last resort for a test that hangs; no test asserts a duration.
  testTimeout: 300_000,
  // Many tests mostly wait for other processes. By default jest leaves a core free, which of two is half.
  maxWorkers: 2,
};
