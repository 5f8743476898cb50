import { type EmulatorName, emulatorFacts, emulatorNames } from "./emulator-facts.ts";
import type { EmulatorSource } from "./find-emulator.ts";
import type { Java } from "./find-java.ts";

/** The line that says what was taken; without a Java when nothing is to be started. */
export function describeSources(sources: Readonly<Record<EmulatorName, EmulatorSource>>, java?: Java): string {
  const taken = emulatorNames.map((name) => `${emulatorFacts[name].title} ${describeSource(sources[name])}`);
  return [...taken, ...(java === undefined ? [] : [`Java ${java.version} in ${java.home}`])].join(", ");
}

function describeSource(source: EmulatorSource): string {
  switch (source.kind) {
    case "running":
      return `that runs at ${source.host} (${source.variable})`;
    case "binary":
      return `of ${source.path} (${source.variable})`;
    case "sdk":
      return `of the gcloud SDK in ${source.root}`;
    case "download":
      return "that firebase-tools downloads once";
  }
}
