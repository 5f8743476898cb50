import { type Java, javaVersionMin } from "./find-java.ts";

/** This machine cannot run the emulators. The message is one line with reason and remedy. */
export class NoEmulatorsError extends Error {
  override readonly name = "NoEmulatorsError";

  /** There is no Java that is new enough. */
  static forJava(tooOld: readonly Java[]): NoEmulatorsError {
    const found = tooOld.map(({ home, version }) => `Java ${version} in ${home}`).join(", ") || "none";
    return new NoEmulatorsError(
      `the emulators need Java ${javaVersionMin} or newer; found ${found}. Install it (Debian 13 and Ubuntu: apt install openjdk-${javaVersionMin}-jre-headless; macOS: brew install openjdk; others: https://adoptium.net) or set JAVA_HOME`,
    );
  }

  /** firebase-tools could not download an emulator that is not installed. */
  static forDownload(cause: string): NoEmulatorsError {
    return new NoEmulatorsError(
      `the emulators are not installed and could not be downloaded (${cause}). Install those of the gcloud SDK (gcloud components install cloud-firestore-emulator pubsub-emulator) or go online once`,
    );
  }
}
