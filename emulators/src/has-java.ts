// Exits with 0 if there is a Java for the emulators, otherwise with 1.
import { findJava } from "./find-java.ts";

const { kind } = await findJava(process.env);
process.exitCode = kind === "found" ? 0 : 1;
