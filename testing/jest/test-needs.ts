import { basename } from "node:path";
import { startEmulatorsForTests } from "../../emulators/src/emulators-for-tests.ts";

/** A need of some tests beyond Node and npm. */
export interface TestNeed {
  readonly what: string;
  /** Provides the need. If this machine cannot, returns one line with the reason and the remedy. */
  provide(): Promise<string | undefined>;
  /** Set if CI cannot get it either: its tests are then skipped there, too, and the table names them. */
  readonly isOptional?: true;
}

/** Needs of test files, by the word in the file's name: `image.buildah.test.ts`. */
export const testNeeds: Readonly<Record<string, TestNeed>> = {
  slow: { what: "minutes", provide: async () => undefined },
  linux: {
    what: "Linux",
    provide: async () => (process.platform === "linux" ? undefined : `run it on Linux: this is ${process.platform}`),
  },
  cloud: {
    what: "the emulators of Firestore and Pub/Sub: Java 21",
    provide: () => startEmulatorsForTests(process.env),
  },
  node20: {
    what: "Node 20, the oldest that the SDK runs on",
    provide: async () => (await import("../src/find-node-20.ts")).whyNoNode20(),
  },
  gcloud: {
    what: "the Google Cloud CLI, which knows its own commands",
    provide: async () => (await import("../../e2e/gcloud-commands.ts")).whyNoGcloud(),
  },
  terraform: {
    what: "Terraform and its Google provider",
    provide: async () => (await import("../../terraform/test/working-copy.ts")).whyNoTerraform(),
  },
  tflint: {
    what: "tflint",
    provide: async () => (await import("../../terraform/test/working-copy.ts")).whyNoTflint(),
  },
  terraformdocs: {
    what: "terraform-docs",
    provide: async () => (await import("../../terraform/test/working-copy.ts")).whyNoTerraformDocs(),
  },
  chart: {
    what: "helm and kubectl-validate",
    provide: async () => (await import("../src/render-chart.ts")).whyNoCharts(),
  },
  buildah: {
    what: "buildah, root and a base image",
    provide: async () => (await import("../../e2e/built-image.ts")).whyNoImage(),
  },
  registry: {
    what: "buildah, docker-registry and skopeo",
    provide: async () => (await import("../../e2e/image-registry.ts")).whyNoRegistry(),
  },
  mount: {
    what: "the right to mount a disk",
    provide: async () => (await import("../src/small-disk.ts")).whyNoSmallDisk(),
  },
  chattr: {
    what: "the right to make files immutable",
    provide: async () => (await import("../../e2e/immutable-files.ts")).whyNoImmutableFiles(),
  },
  clients: {
    what: "Go, Python and Java, nginx and haproxy",
    provide: async () => (await import("../../conformance/why-not-all.ts")).whyNotAll(),
  },
  upb: {
    what: "Python with protobuf, whose parser is protoc's own",
    provide: async () => (await import("../../run-service/test/upb.ts")).whyNoUpb(),
  },
  go: {
    what: "Go, in which an example is written",
    provide: async () => (await import("../../examples/test/prepared-example.ts")).whyNoGo(),
  },
  grpctools: {
    what: "Python with grpcio-tools, which generates a client",
    provide: async () => (await import("../../examples/test/prepared-example.ts")).whyNoGrpcTools(),
  },
  jq: {
    what: "jq",
    provide: async () => (await import("../../examples/test/prepared-example.ts")).whyNoJq(),
  },
  "check-jsonschema": {
    what: "check-jsonschema, which knows the files of CI systems",
    provide: async () => (await import("../../e2e/recipe-blocks.ts")).whyNoCheckJsonschema(),
  },
  grpcio: {
    what: "Python with grpcio, for a history hash that is not ours",
    provide: async () => (await import("../../conformance/history/ask-python.ts")).whyNoGrpcio(),
  },
  duckdb: {
    what: "Python with sqlglot and duckdb, which run BigQuery's SQL",
    provide: async () => (await import("../../terraform/test/run-views.ts")).whyNoDuckdb(),
  },
  promtool: {
    what: "promtool, Prometheus' own checker",
    provide: async () => (await import("../../metrics-service/test/delivery/why-no-promtool.ts")).whyNoPromtool(),
  },
  nginx: {
    what: "nginx, as a proxy in front of the page",
    provide: async () => (await import("../../metrics-service/test/nginx.ts")).whyNoNginx(),
  },
  openssl: {
    what: "openssl, which makes certificates and connects with them",
    provide: async () => (await import("../src/certificate-authority.ts")).whyNoOpenssl(),
  },
  cc: {
    what: "Linux and a C compiler",
    provide: async () => (await import("../../event-store/test/fault-injector/faulty-disk.ts")).whyNoCompiler(),
  },
  ancestor: {
    what: "the client of idestis/ori-service",
    provide: async () =>
      process.env.ANCESTOR_CLIENT === undefined
        ? "`go build ./activity_client` in a clone of it makes one, and ANCESTOR_CLIENT=FILE names it"
        : undefined,
    isOptional: true,
  },
  shells: {
    what: "zsh and fish, which complete by scripts of their own",
    provide: async () => (await import("../../cli/test/e2e/completing-shell.ts")).whyNoCompletion(),
  },
  chromium: {
    what: "Chromium, in which the page runs",
    provide: async () => (await import("../../metrics-service/page/test/chromium.ts")).whyNoChromium(),
  },
  script: {
    what: "script, which gives a program a terminal",
    provide: async () => (await import("../src/terminal.ts")).whyNoTerminal(),
  },
};

/** Words in names of test files that are kinds, not needs. */
export const testKinds = ["contract", "property"] as const;

/** Returns the words of a test file's name between the subject and `.test.ts`. */
export function wordsOf(path: string): readonly string[] {
  return basename(path).split(".").slice(1, -2);
}

/** Returns the needs of a test file, as words of `testNeeds`. */
export function needsOf(path: string): readonly string[] {
  return wordsOf(path).filter((word) => word in testNeeds);
}
