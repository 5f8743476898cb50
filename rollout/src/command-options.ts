import { type Command, Option } from "commander";
import type { Config } from "./config.ts";
import { parseImage, parseNumber, parseSteps } from "./parse-arguments.ts";

/** Which service on Cloud Run a command is about. */
export interface ServiceFlags {
  readonly service: string;
  readonly region: string;
  readonly project: string;
  readonly unreachedMax: number;
}

/** Adds the options that name an image. */
export function withImageOptions(command: Command): Command {
  return command
    .exitOverride()
    .option("--image <image>", "the image, by digest", parseImage)
    .option("--image-file <file>", "a file with the image's name, as `npm run push-image` writes it");
}

/** Adds the options that name a service on Cloud Run. */
export function withServiceOptions(command: Command, { project }: Config): Command {
  return command
    .exitOverride()
    .requiredOption("--service <name>", "the service on Cloud Run")
    .requiredOption("--region <region>", "its region")
    .requiredOption("--project <project>", "its project; GOOGLE_CLOUD_PROJECT says it too", project)
    .option("--unreached-max <seconds>", "how long Cloud Run's API may not answer", parseNumber, 60);
}

/** The option that says how the traffic moves. */
export function stepsOption(): Option {
  return new Option("--steps <percents>", "percents of the traffic")
    .argParser(parseSteps)
    .default([5, 25, 50, 100], "5,25,50,100");
}
