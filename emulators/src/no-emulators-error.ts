import { type Java, javaVersionMin } from "./find-java.ts";

/** This machine, as it is, can run no emulators; the message is one line that says why and the way out. */
export class NoEmulatorsError extends Error {
  override readonly name = "NoEmulatorsError";

  /** There is no Java, or none that is new enough. */
  static forJava(tooOld: readonly Java[]): NoEmulatorsError {
    const found = tooOld.map(({ home, version }) => `Java ${version} in ${home}`).join(", ") || "none";
    return new NoEmulatorsError(
      `the emulators need Java ${javaVersionMin} or newer, found ${found}: install one (Debian 13 and Ubuntu: apt install openjdk-${javaVersionMin}-jre-headless; macOS: brew install openjdk; others: https://adoptium.net) or name one in JAVA_HOME`,
    );
  }

  /** firebase-tools could not download an emulator, which is not here either. */
  static forDownload(cause: string): NoEmulatorsError {
    return new NoEmulatorsError(
      `the emulators are not here and could not be downloaded (${cause}): install the gcloud SDK's (gcloud components install cloud-firestore-emulator pubsub-emulator) or go online once`,
    );
  }
}
