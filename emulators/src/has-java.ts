// Ends with 0 where there is a Java that the emulators run on, else with 1.
import { findJava } from "./find-java.ts";

const { kind } = await findJava(process.env);
process.exitCode = kind === "found" ? 0 : 1;
