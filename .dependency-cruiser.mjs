// The arrows of ARCHITECTURE.md as rules: who may import whom, each with its reason. tools/boundaries/planted/ holds a
// violation of every one of them, and tools/boundaries/boundaries.test.ts fails when one is not caught.

const adapters = "^event-store/src/(?!domain/)[^/]+/";
const tests = ["(^|/)test/", "[.]test[.][cm]?[jt]s$"];
// Modules that are never shipped: tests, programs that run the system from outside, the tools, and the program of a clone, which
// is a bundle where it is shipped.
const unshipped = [
  ...tests,
  "^cli/bin[.]mjs$",
  "^event-store/contract/",
  "^(e2e|bench|conformance|deploy|packaging|testing|tools)/",
  "^[^/]+$",
];
const outside = [...tests, "^(e2e|bench|testing)/"];

/** A package as it looks when it is installed and, so that no rule depends on that, when it is not. */
const packages = (names) => `(^|/node_modules/|^node_modules/)${names}(/|$)`;

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const forbidden = [
  {
    name: "no-cycles",
    comment: "Modules that import each other can only be understood, tested and changed together.",
    from: {},
    to: { circular: true },
  },
  {
    name: "nothing-unresolvable",
    comment: "An import that leads nowhere fails at run time, and hides an arrow from every other rule.",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "no-junk-drawers",
    comment: "A thing gets a name from the field, or stays with its only caller.",
    module: {
      path: ["(^|/)(utils?|helpers?|common|shared|misc)([.]|/)", "-(utils?|helpers?|misc)([.]|/)"],
      pathNot: ["(^|/)node_modules/", "^proto/gen/"],
      // No importer matches `from`, so this is true of every module: imported or not, a junk drawer is one.
      numberOfDependentsLessThan: 1,
    },
    from: { path: "^$" },
  },

  // event-store
  {
    name: "domain-imports-only-itself",
    comment: "The domain is decided by values alone, so that every adapter can share it and a test needs nothing.",
    from: { path: "^event-store/src/domain/" },
    to: { pathNot: ["^event-store/src/domain/", "^(node:)?crypto$"] },
  },
  {
    name: "domain-hashes-in-one-place",
    comment:
      "Hashes of the history and of redacted contents alone use node:crypto; chance and time come in by the front door.",
    from: { path: "^event-store/src/domain/", pathNot: "^event-store/src/domain/(history-hash|redaction)[.]ts$" },
    to: { path: "^(node:)?crypto$" },
  },
  {
    name: "event-store-stands-alone",
    comment: "The store is imported by the service and the functions, and knows neither them nor the wire.",
    from: { path: "^event-store/" },
    to: { pathNot: ["^event-store/", "^testing/src/", "(^|/)node_modules/"], dependencyTypesNot: ["core", "unknown"] },
  },
  {
    name: "adapters-never-meet",
    comment: "An adapter sees the port and the domain; what two of them share belongs there.",
    from: { path: "^event-store/src/(?!domain/)([^/]+)/" },
    to: { path: adapters, pathNot: "^event-store/src/$1/" },
  },
  {
    name: "adapters-are-opened-in-one-place",
    comment: "Code that needs a store calls open-event-store.ts, and so works with every adapter.",
    from: { pathNot: [adapters, "^event-store/src/open-event-store[.]ts$", "^event-store/contract/", ...outside] },
    to: { path: adapters },
  },
  {
    name: "sqlite-stays-in-its-adapter",
    comment: "A second place that speaks SQL is a second place that a change of the schema breaks.",
    from: { pathNot: ["^event-store/src/sqlite/", ...outside] },
    to: { path: "^(node:)?sqlite$" },
  },
  {
    name: "firestore-stays-in-its-adapter",
    comment: "A second place that speaks Firestore is a second place that a change of the documents breaks.",
    from: { pathNot: ["^event-store/src/firestore/", ...outside] },
    to: { path: packages("@google-cloud/firestore") },
  },
  {
    name: "event-store-knows-no-topic",
    comment: "The head is the outbox: publishing is the mirror's work, never part of an append.",
    from: { path: "^event-store/" },
    to: { path: packages("@google-cloud/pubsub") },
  },

  // the wire
  {
    name: "contract-at-the-edges",
    comment: "Generated types are the wire's form; inside, the domain's own types are parsed once and trusted.",
    from: {
      pathNot: [
        "^proto/",
        "^run-service/src/grpc/",
        "^client/",
        "^cli/",
        "^functions/",
        "^topic/",
        "^metrics-service/",
        ...outside,
      ],
    },
    to: { path: "^proto/" },
  },
  {
    name: "grpc-at-the-edges",
    comment: "Calls, metadata and status codes are translated at the edge; application code is called, not served.",
    from: {
      pathNot: ["^run-service/src/grpc/", "^client/", "^cli/", "^proto/service-definition[.]ts$", ...outside],
    },
    to: { path: packages("(@grpc/[^/]+|grpc-[^/]+)") },
  },
  {
    name: "application-knows-no-wire",
    comment: "application/ keeps the promises for every front, so it cannot depend on one of them.",
    from: { path: "^run-service/src/application/" },
    to: { path: "^run-service/src/grpc/" },
  },
  {
    name: "deployables-never-meet",
    comment: "Deployables are rolled out one by one: they meet over the wire, never by an import.",
    from: { path: "^(run-service|client|functions/(?!webhooks/)[^/]+)/" },
    to: { path: "^(run-service|client|cli|rollout|metrics-service|functions/[^/]+)/", pathNot: "^$1/" },
  },
  {
    name: "webhooks-use-the-client-library",
    comment:
      "What takes webhooks records as any producer does: through the published library, wherever the service is.",
    from: { path: "^functions/webhooks/", pathNot: tests },
    to: { path: "^(event-store|run-service|cli|rollout|metrics-service|functions/(?!webhooks/)[^/]+|emulators)/" },
  },
  {
    name: "mappings-know-no-program",
    comment:
      "What another tool says is turned into events by values alone, for the webhooks and the command line alike.",
    from: { path: "^mappings/", pathNot: tests },
    to: {
      path: "^[^/]+/",
      pathNot: ["^(mappings|client|proto)/", "(^|/)node_modules/"],
      dependencyTypesNot: ["core", "unknown"],
    },
  },
  {
    name: "process-knows-no-program",
    comment: "Logging, draining and ending are the same for every program, and know none of them.",
    from: { path: "^process/", pathNot: tests },
    to: { path: "^[^/]+/", pathNot: ["^process/", "(^|/)node_modules/"], dependencyTypesNot: ["core", "unknown"] },
  },
  {
    name: "access-knows-no-program",
    comment:
      "Service, page and command line decide by the same rules, which know a name, a deployment's id and nothing else.",
    from: { path: "^access/", pathNot: tests },
    to: {
      path: "^[^/]+/",
      pathNot: ["^(access|process)/", "(^|/)node_modules/"],
      dependencyTypesNot: ["core", "unknown"],
    },
  },
  {
    name: "topic-knows-the-contract",
    comment: "A message says the same, whoever publishes it: it is made of an event of the contract and nothing else.",
    from: { path: "^topic/", pathNot: tests },
    to: {
      path: "^[^/]+/",
      pathNot: ["^(topic|proto)/", "(^|/)node_modules/"],
      dependencyTypesNot: ["core", "unknown"],
    },
  },
  {
    name: "metrics-service-uses-the-client-library",
    comment: "The page shows what any user of the library can read, and is deployed apart from the service.",
    from: { path: "^metrics-service/", pathNot: tests },
    to: { path: "^(event-store|run-service|cli|rollout|functions/[^/]+|emulators)/" },
  },
  {
    name: "delivery-metrics-are-computed-from-heads",
    comment: "The metrics are one pure function: a test and another implementation need nothing but heads.",
    from: { path: "^metrics-service/src/delivery/(?!(prometheus|retention-gauges)[.]ts)" },
    to: { pathNot: "^metrics-service/src/delivery/" },
  },
  {
    name: "page-runs-in-a-browser",
    comment: "Of the server, the page knows the messages that pass between them: everything else needs Node.",
    from: { path: "^metrics-service/page/src/" },
    to: {
      path: ["^(process|client|metrics-service/src)/", "^(node:)?(fs|http|path|process|crypto)$"],
      pathNot: ["^metrics-service/src/live/live-messages[.]ts$", "^metrics-service/src/delivery/metrics-report[.]ts$"],
    },
  },
  {
    name: "command-line-uses-the-client-library",
    comment: "The command line knows the service by the contract and the library alone, wherever it was installed.",
    from: { path: "^cli/", pathNot: tests },
    to: { path: "^(event-store|run-service|rollout|functions/[^/]+|emulators)/" },
  },
  {
    name: "internal-path-is-the-command-line-s",
    comment: "Nothing is promised about what the library exports there; others use it as it is published.",
    from: { pathNot: ["^(client|cli)/", ...tests] },
    to: { path: "^client/src/internal[.]ts$" },
  },

  {
    name: "rollout-uses-the-client-library",
    comment:
      "The roll-out speaks to the service as its users do, through the published library and nothing else of ours.",
    from: { path: "^rollout/", pathNot: tests },
    to: { path: "^(proto|event-store|process|run-service|cli|metrics-service|functions/[^/]+|emulators)/" },
  },
  {
    name: "demo-uses-the-client-library",
    comment: "The demo records events as a pipeline does: through the published library and nothing else of ours.",
    from: { path: "^demo/", pathNot: tests },
    to: { path: "^(proto|event-store|process|run-service|cli|rollout|metrics-service|functions/[^/]+|emulators)/" },
  },
  {
    name: "launcher-starts-processes",
    comment:
      "The parts run as they are deployed: the launcher knows their files and settings, and nothing inside them.",
    from: { path: "^emulators/" },
    to: { path: "^(proto|event-store|run-service|cli|metrics-service|functions/[^/]+)/" },
  },
  {
    name: "launcher-is-never-shipped",
    comment: "Code of the launcher would be missing where the product is installed.",
    from: {
      path: "^(proto|event-store|process|access|topic|run-service|client|cli|metrics-service|functions/[^/]+)/",
      pathNot: tests,
    },
    to: { path: "^emulators/" },
  },

  // packages
  {
    name: "packages-are-imported-by-name",
    comment: "A package offers only its `exports` to others; a relative path bypasses them.",
    from: {
      path: "^(proto|event-store|process|access|run-service|client|cli|rollout|metrics-service|demo|functions/[^/]+)/",
      pathNot: unshipped,
    },
    to: { dependencyTypes: ["local"], pathNot: "^$1/" },
  },
  {
    name: "production-imports-no-tests",
    comment: "Test code is not shipped, and may cut corners that the product must not.",
    from: { pathNot: unshipped },
    to: {
      path: [...tests, "^event-store/contract/", "^(e2e|bench|conformance|deploy|packaging|testing|tools)/"],
    },
  },
  {
    name: "tests-meet-by-name",
    comment:
      "What tests of two packages use is in testing/, or behind `exports`; a path into another package's tests is neither.",
    // The table of what tests need asks each package's tests whether this machine has it.
    from: { path: "^(functions/[^/]+|[^/]+)/", pathNot: "^testing/jest/test-needs[.]ts$" },
    to: {
      path: ["/test/", "^e2e/", "^testing/src/", "^event-store/contract/"],
      pathNot: "^$1/",
      dependencyTypes: ["local"],
      dependencyTypesNot: ["aliased-workspace"],
    },
  },
  {
    name: "production-imports-no-dev-dependency",
    comment: "A development dependency is missing where the product is installed.",
    from: { pathNot: unshipped },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm", "npm-optional", "npm-peer"] },
  },
  {
    name: "production-lists-what-it-imports",
    comment: "A package that is only there because another one brought it can vanish or change with that one.",
    from: { pathNot: unshipped },
    to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
  },
];

/** @type {import("dependency-cruiser").IRequiredRuleType[]} */
const required = [
  {
    name: "contract-test-runs-the-contract",
    comment: "One suite for every adapter; a test of its own would let an adapter keep promises of its own.",
    module: { path: "^event-store/test/[^/]+[.]contract([.]cloud)?[.]test[.]ts$" },
    to: { path: "^event-store/contract/" },
  },
  {
    name: "contract-test-opens-its-adapter",
    comment: "A contract test that was copied and still opens another adapter proves nothing.",
    module: { path: "^event-store/test/([^/]+)[.]contract([.]cloud)?[.]test[.]ts$" },
    to: { path: "^event-store/src/$1/" },
  },
];

const asErrors = (rules) => rules.map((rule) => ({ severity: "error", ...rule }));

export default {
  forbidden: asErrors(forbidden),
  required: asErrors(required),
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "^([.]git|tools/boundaries/planted|dist)/" },
    // Type-only imports are arrows, too.
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    skipAnalysisNotInRules: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main", "types"],
    },
  },
};
