import { Command, CommanderError } from "commander";
import { type ServiceFlags, stepsOption, withImageOptions, withServiceOptions } from "./command-options.ts";
import type { Config } from "./config.ts";
import { ControlPlane } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { type ImageFlags, imageOf, parseNumber } from "./parse-arguments.ts";
import { printPlan } from "./print-plan.ts";
import { printStatus } from "./print-status.ts";
import { rollOut } from "./roll-out.ts";
import { scanImage } from "./scan-image.ts";
import { takeBack } from "./take-back.ts";

const help = `
Example:
  rollout start --image-file dist/image --service activity-events --region europe-west1 --project my-project

Exit codes:
  0  done
  1  a bad sign, or an interruption: all traffic is back on the revision before; of \`scan\`: a reason to stop
  2  wrong usage
  3  stopped: somebody else is at work, or a role, a login or the service is missing
  4  Cloud Run or the service did not answer, or a change was not made; look with \`status\`, and run the same command again
`;

interface StartFlags extends ServiceFlags, ImageFlags {
  readonly steps: number[];
  readonly hold: number;
  readonly interval: number;
  readonly readyMax: number;
  readonly errorShareMax: number;
  readonly medianMax: number;
  readonly dryRun?: boolean;
}

interface ScanFlags extends ImageFlags {
  readonly project: string;
  readonly wait: number;
}

/** Environment and streams of the program. */
export interface Surroundings {
  readonly config: Config;
  readonly tell: (line: string) => void;
  /** Makes interruptions abort the returned signal instead of ending the process. */
  readonly catchInterruption: () => AbortSignal;
}

/** Runs one command line; returns its exit code, which the help documents. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { config, tell } = surroundings;
  let exitCode = 0;
  const onService =
    <Flags extends ServiceFlags>(perform: (plane: ControlPlane, flags: Flags) => Promise<number>) =>
    async (flags: Flags) => {
      exitCode = await withPlane(flags, config, (plane) => perform(plane, flags));
    };
  const program = new Command("rollout")
    .description("Roll an image out on Cloud Run step by step; roll back automatically if it is worse.")
    .addHelpText("after", help)
    .showHelpAfterError("Run with --help to see all options.")
    .exitOverride();
  withServiceOptions(withImageOptions(program.command("start")), config)
    .description("roll an image out; run it again to continue after an interruption")
    .addOption(stepsOption())
    .option("--hold <seconds>", "time to watch each step; metrics lag up to 3 min", parseNumber, 240)
    .option("--interval <seconds>", "time between checks", parseNumber, 10)
    .option("--ready-max <seconds>", "longest time until the new revision is ready", parseNumber, 300)
    .option("--error-share-max <share>", "roll back above this share of failed requests", parseNumber, 0.01)
    .option("--median-max <ms>", "roll back above this median latency", parseNumber, 1_000)
    .option("--dry-run", "print the plan without changing anything")
    .action(onService<StartFlags>((plane, flags) => start(plane, flags, surroundings)));
  withServiceOptions(program.command("status"), config)
    .description("show the traffic and any roll-out in progress")
    .action(onService((plane) => printStatus(plane, tell).then(() => 0)));
  withServiceOptions(program.command("rollback"), config)
    .description("move all traffic back to the previous revision, also during a roll-out")
    .action(onService((plane) => rollBack(plane, tell).then(() => 0)));
  withImageOptions(program.command("scan"))
    .description("wait for the registry's scan of an image; exits with 1 on a severe vulnerability that has a fix")
    .requiredOption("--project <project>", "project of the image; or set GOOGLE_CLOUD_PROJECT", config.project)
    .option("--wait <seconds>", "longest time to wait for the scan", parseNumber, 600)
    .action(async (flags: ScanFlags) => {
      exitCode = await printScan(flags, surroundings);
    });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    return exitCodeOf(error as Error);
  }
  return exitCode;
}

function exitCodeOf(error: Error): number {
  if (error instanceof CommanderError) {
    // Commander prints its own parse errors, but not those that an action throws.
    if (error.code === "commander.invalidArgument" && !error.message.startsWith("error:"))
      process.stderr.write(`rollout: ${error.message}\n`);
    return error.exitCode === 0 ? 0 : 2;
  }
  process.stderr.write(`rollout: ${error.message}\n`);
  return error instanceof StoppedError ? 3 : 4;
}

async function withPlane(
  { service, region, project, unreachedMax }: ServiceFlags,
  { runEndpoint: endpoint }: Config,
  perform: (plane: ControlPlane) => Promise<number>,
): Promise<number> {
  const name = `projects/${project}/locations/${region}/services/${service}`;
  const plane = new ControlPlane({ name, endpoint, unreachedMaxMs: unreachedMax * 1_000 });
  // Closing may fail if opening did; the first error counts.
  return perform(plane).finally(() => plane.close().catch(() => {}));
}

async function start(
  plane: ControlPlane,
  flags: StartFlags,
  { config, tell, catchInterruption }: Surroundings,
): Promise<number> {
  const image = imageOf(flags);
  const { steps, hold, interval, readyMax, errorShareMax, medianMax } = flags;
  if (flags.dryRun) {
    await printPlan({ plane, image, steps, holdSeconds: hold, tell });
    return 0;
  }
  const end = await rollOut({
    plane,
    image,
    steps,
    holdMs: hold * 1_000,
    lookIntervalMs: interval * 1_000,
    readyMaxMs: readyMax * 1_000,
    errorShareMax,
    medianMaxMs: medianMax,
    monitoringEndpoint: config.monitoringEndpoint,
    tell,
    signal: catchInterruption(),
  });
  return end === "rolled out" ? 0 : 1;
}

async function rollBack(plane: ControlPlane, tell: Surroundings["tell"]): Promise<void> {
  const service = await plane.insist(() => plane.service());
  await takeBack(service, { plane, tell, why: "`rollback` was requested" });
}

async function printScan(flags: ScanFlags, { config, tell }: Surroundings): Promise<number> {
  const { project, wait } = flags;
  const endpoint = config.analysisEndpoint;
  const found = await scanImage({ image: imageOf(flags), project, waitMs: wait * 1_000, pollMs: 5_000, endpoint });
  for (const vulnerability of found) tell(vulnerability);
  tell(
    found.length === 0
      ? "The scan found no severe vulnerability with a fix."
      : `Found ${found.length} severe with a fix.`,
  );
  return found.length === 0 ? 0 : 1;
}
