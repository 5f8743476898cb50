import { type Command, Option } from "commander";
import type { Config } from "./config.ts";
import { parseImage, parseNumber, parseSteps } from "./parse-arguments.ts";

/** The service on Cloud Run that a command works on. */
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
    .option("--image <image>", "image, by digest", parseImage)
    .option("--image-file <file>", "file with the image's name, as `npm run push-image` writes it");
}

/** Adds the options that name a service on Cloud Run. */
export function withServiceOptions(command: Command, { project }: Config): Command {
  return command
    .exitOverride()
    .requiredOption("--service <name>", "name of the service on Cloud Run")
    .requiredOption("--region <region>", "region of the service")
    .requiredOption("--project <project>", "project of the service; or set GOOGLE_CLOUD_PROJECT", project)
    .option("--unreached-max <seconds>", "longest time that Cloud Run's API may be unreachable", parseNumber, 60);
}

/** Makes the option with the steps of the traffic. */
export function stepsOption(): Option {
  return new Option("--steps <percents>", "traffic percentages of the new revision")
    .argParser(parseSteps)
    .default([5, 25, 50, 100], "5,25,50,100");
}
