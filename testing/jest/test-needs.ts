import { basename } from "node:path";
import { startEmulatorsForTests } from "../../emulators/src/emulators-for-tests.ts";

/** Something that some tests need beyond Node and npm. */
export interface TestNeed {
  readonly what: string;
  /** Makes it ready; where this machine cannot, answers in one line why, and how to get it. */
  provide(): Promise<string | undefined>;
  /** Set if CI cannot get it either: its tests are then skipped there, too, and the table names them. */
  readonly isOptional?: true;
}

/** What a test file may need, by the word that says so in its name: `image.buildah.test.ts`. */
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
    provide: async () => (await import("../../client/test/packed/find-node-20.ts")).whyNoNode20(),
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
    what: "buildah and docker-registry",
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
  grpcio: {
    what: "Python with grpcio, for a history hash that is not ours",
    provide: async () => (await import("../../conformance/history/ask-python.ts")).whyNoGrpcio(),
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
  script: {
    what: "script, which gives a program a terminal",
    provide: async () => (await import("../src/terminal.ts")).whyNoTerminal(),
  },
};

/** The words for what a test file is, beside what it needs. */
export const testKinds = ["contract", "property"] as const;

/** The words in the name of a test file, between what it is about and `.test.ts`. */
export function wordsOf(path: string): readonly string[] {
  return basename(path).split(".").slice(1, -2);
}

/** What a test file needs, as words of `testNeeds`. */
export function needsOf(path: string): readonly string[] {
  return wordsOf(path).filter((word) => word in testNeeds);
}
