import { type EmulatorName, emulatorFacts, emulatorNames } from "./emulator-facts.ts";
import type { EmulatorSource } from "./find-emulator.ts";
import type { Java } from "./find-java.ts";

/** Describes the emulators in use, and the Java if one is needed. */
export function describeSources(sources: Readonly<Record<EmulatorName, EmulatorSource>>, java?: Java): string {
  const taken = emulatorNames.map((name) => `${emulatorFacts[name].title} ${describeSource(sources[name])}`);
  return [...taken, ...(java === undefined ? [] : [`Java ${java.version} in ${java.home}`])].join(", ");
}

function describeSource(source: EmulatorSource): string {
  switch (source.kind) {
    case "running":
      return `running at ${source.host} (${source.variable})`;
    case "binary":
      return `from ${source.path} (${source.variable})`;
    case "sdk":
      return `from the gcloud SDK in ${source.root}`;
    case "download":
      return "downloaded by firebase-tools";
  }
}
