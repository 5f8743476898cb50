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

/** What a program needs from the outside. */
export interface Surroundings {
  readonly config: Config;
  readonly tell: (line: string) => void;
  /** From when it is called on, an interruption no longer ends the process but aborts the signal. */
  readonly catchInterruption: () => AbortSignal;
}

/** Runs one call and returns its exit code, as the help documents them. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const { config, tell } = surroundings;
  let exitCode = 0;
  const onService =
    <Flags extends ServiceFlags>(perform: (plane: ControlPlane, flags: Flags) => Promise<number>) =>
    async (flags: Flags) => {
      exitCode = await withPlane(flags, config, (plane) => perform(plane, flags));
    };
  const program = new Command("rollout")
    .description("Rolls an image out on Cloud Run step by step, and back by itself when it is worse.")
    .addHelpText("after", help)
    .showHelpAfterError("Run it with --help for all options.")
    .exitOverride();
  withServiceOptions(withImageOptions(program.command("start")), config)
    .description("roll an image out; the same command again goes on where it was cut short")
    .addOption(stepsOption())
    .option("--hold <seconds>", "how long each step is looked at; metrics are up to 3 min behind", parseNumber, 240)
    .option("--interval <seconds>", "time between looks", parseNumber, 10)
    .option("--ready-max <seconds>", "how long the new revision may take to get ready", parseNumber, 300)
    .option("--error-share-max <share>", "more failed requests are a bad sign", parseNumber, 0.01)
    .option("--median-max <ms>", "a higher median latency is a bad sign", parseNumber, 1_000)
    .option("--dry-run", "print what would be done")
    .action(onService<StartFlags>((plane, flags) => start(plane, flags, surroundings)));
  withServiceOptions(program.command("status"), config)
    .description("print where the traffic is, and whether a roll-out is under way")
    .action(onService((plane) => printStatus(plane, tell).then(() => 0)));
  withServiceOptions(program.command("rollback"), config)
    .description("put all traffic back: from a roll-out that is under way, or to the revision before the last one")
    .action(onService((plane) => rollBack(plane, tell).then(() => 0)));
  withImageOptions(program.command("scan"))
    .description("wait for the registry's scan of an image; a severe vulnerability with a fix is exit code 1")
    .requiredOption("--project <project>", "the image's project", config.project)
    .option("--wait <seconds>", "how long the scan may take", parseNumber, 600)
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
    // What commander parses it prints itself; what an action throws nobody has printed.
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
  // What could not be opened cannot be closed; what was said about it is what counts.
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
  await takeBack(service, { plane, tell, why: "`rollback` was asked for" });
}

async function printScan(flags: ScanFlags, { config, tell }: Surroundings): Promise<number> {
  const { project, wait } = flags;
  const endpoint = config.analysisEndpoint;
  const found = await scanImage({ image: imageOf(flags), project, waitMs: wait * 1_000, pollMs: 5_000, endpoint });
  for (const vulnerability of found) tell(vulnerability);
  tell(found.length === 0 ? "The scan found nothing severe that has a fix." : `${found.length} are a reason to stop.`);
  return found.length === 0 ? 0 : 1;
}
