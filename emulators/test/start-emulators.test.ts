import { join } from "node:path";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { expect, test } from "@jest/globals";
import { NoEmulatorsError } from "../src/no-emulators-error.ts";
import { startEmulators } from "../src/start-emulators.ts";
import { fakeCommand } from "./fake-file.ts";

test("without a Java that is new enough, one line says which there is and how to get one", async () => {
  using folder = temporaryFolder();
  const java = fakeCommand(join(folder.path, "jdk", "bin", "java"), `echo 'openjdk version "17.0.15"' >&2`);

  const starting = startEmulators({ environment: { PATH: join(java, "..") }, report: () => {} });

  await expect(starting).rejects.toThrow(NoEmulatorsError);
  await expect(starting).rejects.toThrow(
    new RegExp(`^the emulators need Java 21 or newer; found Java 17 in ${folder.path}/jdk. Install it .* JAVA_HOME$`),
  );
});

test("a host at which nothing answers is refused at once, with the variable that names it", async () => {
  const starting = startEmulators({
    environment: { FIRESTORE_EMULATOR_HOST: "127.0.0.1:9", PUBSUB_EMULATOR_HOST: "127.0.0.1:9" },
    report: () => {},
  });

  await expect(starting).rejects.toThrow(
    "nothing answers at 127.0.0.1:9 (FIRESTORE_EMULATOR_HOST): start the emulator, or unset the variable",
  );
});
