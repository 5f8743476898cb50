#!/usr/bin/env node
import { readConfig } from "./config.ts";
import { runProgram } from "./run-program.ts";

runProgram(process.argv.slice(2), readConfig()).then((exitCode) => process.exit(exitCode));
