import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { claimOf, previousAnnotation } from "./claim.ts";
import type { Config } from "./config.ts";
import { ControlPlane } from "./control-plane.ts";
import { StoppedError } from "./failures.ts";
import { lastName, partsOf, release, rollOut, servingRevision } from "./roll-out.ts";
import { scanImage } from "./scan-image.ts";

const exitCodesHelp = `
Exit codes:
  0  done
  1  a bad sign: all traffic is back on the revision before
  2  wrong usage
  3  stopped before anything was changed, or because somebody else took over
  4  Cloud Run did not answer, or not do what it was told; look with \`status\`, and run the same command again
`;

interface ServiceFlags {
  readonly service: string;
  readonly region: string;
  readonly project?: string;
}

interface StartFlags extends ServiceFlags {
  readonly image?: string;
  readonly imageFile?: string;
  readonly steps: number[];
  readonly hold: number;
  readonly interval: number;
  readonly readyMax: number;
  readonly errorShareMax: number;
  readonly medianMax: number;
  readonly dryRun?: boolean;
}

interface ScanFlags {
  readonly image?: string;
  readonly imageFile?: string;
  readonly project: string;
  readonly wait: number;
}

const tell = (line: string) => process.stdout.write(`${line}\n`);

/** Runs one call and returns its exit code, as the help documents them. */
export async function runProgram(args: readonly string[], config: Config): Promise<number> {
  let exitCode = 0;
  const program = new Command("rollout")
    .description("Rolls an image out on Cloud Run step by step, and back by itself when it is worse.")
    .addHelpText("after", exitCodesHelp)
    .showHelpAfterError("Run it with --help for all options.")
    .exitOverride();
  const run = (perform: (plane: ControlPlane) => Promise<number>) => async (flags: ServiceFlags) => {
    exitCode = await withPlane(flags, config, perform);
  };
  const start = ofService(program.command("start"), config)
    .description("roll an image out; the same command again goes on where it was cut short")
    .option("--image <image>", "the image, by digest", parseImage)
    .option("--image-file <file>", "a file with the image's name, as `npm run push-image` writes it")
    .option("--steps <percents>", "percents of the traffic", parseSteps, [5, 25, 50, 100])
    .option("--hold <seconds>", "how long each step is looked at; metrics are up to 3 min behind", parseNumber, 240)
    .option("--interval <seconds>", "time between looks", parseNumber, 10)
    .option("--ready-max <seconds>", "how long the new revision may take to get ready", parseNumber, 300)
    .option("--error-share-max <share>", "more failed requests are a bad sign", parseNumber, 0.01)
    .option("--median-max <ms>", "a higher median latency is a bad sign", parseNumber, 1_000)
    .option("--dry-run", "print what would be done");
  start.action((flags: StartFlags) => run((plane) => startRollOut(plane, flags, config))(flags));
  ofService(program.command("status"), config)
    .description("print where the traffic is, and whether a roll-out is under way")
    .action(run(printStatus));
  ofService(program.command("rollback"), config)
    .description("put all traffic back: from a roll-out that is under way, or to the revision before the last one")
    .action(run(rollBack));
  program
    .command("scan")
    .exitOverride()
    .description("wait for the registry's scan of an image; a severe vulnerability with a fix is exit code 1")
    .option("--image <image>", "the image, by digest", parseImage)
    .option("--image-file <file>", "a file with the image's name, as `npm run push-image` writes it")
    .requiredOption("--project <project>", "the image's project", config.project)
    .option("--wait <seconds>", "how long the scan may take", parseNumber, 600)
    .action(async (flags: ScanFlags) => {
      exitCode = await printScan(flags, config);
    });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`rollout: ${(error as Error).message}\n`);
    return error instanceof StoppedError ? 3 : 4;
  }
  return exitCode;
}

function ofService(command: Command, { project }: Config): Command {
  return command
    .exitOverride()
    .requiredOption("--service <name>", "the service on Cloud Run")
    .requiredOption("--region <region>", "its region")
    .requiredOption("--project <project>", "its project", project);
}

async function withPlane(
  { service, region, project }: ServiceFlags,
  { runEndpoint }: Config,
  perform: (plane: ControlPlane) => Promise<number>,
): Promise<number> {
  const plane = new ControlPlane(`projects/${project}/locations/${region}/services/${service}`, runEndpoint);
  return perform(plane).finally(() => plane.close());
}

async function startRollOut(plane: ControlPlane, flags: StartFlags, { monitoringEndpoint }: Config): Promise<number> {
  const image = imageOf(flags);
  if (flags.dryRun) return printPlan(plane, image, flags);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interrupted.abort());
  const end = await rollOut({
    plane,
    image,
    steps: flags.steps,
    holdMs: flags.hold * 1_000,
    lookIntervalMs: flags.interval * 1_000,
    readyMaxMs: flags.readyMax * 1_000,
    errorShareMax: flags.errorShareMax,
    medianMaxMs: flags.medianMax,
    monitoringEndpoint,
    tell,
    signal: interrupted.signal,
  });
  return end === "rolled out" ? 0 : 1;
}

async function printPlan(plane: ControlPlane, image: string, { steps, hold }: StartFlags): Promise<number> {
  const service = await plane.service();
  const claim = claimOf(service);
  const from = claim?.from ?? servingRevision(service);
  if (claim !== undefined) tell(`The roll-out ${claim.id} of ${claim.image} is under way, at ${claim.percent} %.`);
  tell(`Would make a revision of ${image} without traffic, and wait until it is ready;`);
  tell("would ask its health, append an event and read it, at the address of its tag;");
  for (const percent of steps)
    tell(`would move ${percent} % of the traffic from ${from} to it, and look for ${hold} s;`);
  tell(`at the first bad sign would put all traffic back on ${from}. Nothing was changed.`);
  return 0;
}

async function printStatus(plane: ControlPlane): Promise<number> {
  const service = await plane.service();
  for (const { revision, percent, tag, uri } of service.trafficStatuses ?? []) {
    const name = lastName(revision) || lastName(service.latestReadyRevision);
    tell(`${`${percent ?? 0}`.padStart(3)} %  ${name}${tag ? `  ${tag} ${uri}` : ""}`);
  }
  const claim = claimOf(service);
  if (claim === undefined) tell("No roll-out is under way.");
  else
    tell(
      `The roll-out ${claim.id} of ${claim.image} is under way, at ${claim.percent} %, held until ${claim.heldUntil}.`,
    );
  return 0;
}

async function rollBack(plane: ControlPlane): Promise<number> {
  const service = await plane.service();
  const claim = claimOf(service);
  const previous = service.annotations?.[previousAnnotation];
  const serving = claim?.from ?? previous;
  if (!serving) {
    throw new StoppedError(`${partsOf(plane.name).service} has no roll-out to go back from.`);
  }
  if (claim !== undefined) await release(plane, claim, { serving });
  else {
    await plane.change(service, {
      annotations: { ...service.annotations, [previousAnnotation]: "" },
      traffic: [{ revision: serving, percent: 100 }],
    });
  }
  tell(`All traffic is back on ${serving}.`);
  return 0;
}

async function printScan(flags: ScanFlags, { analysisEndpoint: endpoint }: Config): Promise<number> {
  const { project, wait } = flags;
  const found = await scanImage({ image: imageOf(flags), project, waitMs: wait * 1_000, pollMs: 5_000, endpoint });
  for (const vulnerability of found) tell(vulnerability);
  tell(found.length === 0 ? "The scan found nothing severe that has a fix." : `${found.length} are a reason to stop.`);
  return found.length === 0 ? 0 : 1;
}

function imageOf({ image, imageFile }: Pick<ScanFlags, "image" | "imageFile">): string {
  if (image !== undefined) return image;
  if (imageFile === undefined) throw new InvalidArgumentError("Say which image with --image or --image-file.");
  return parseImage(readFileSync(imageFile, "utf8").trim());
}

function parseImage(text: string): string {
  if (/^\S+@sha256:[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError("Expected an image by digest: NAME@sha256:64 hex digits.");
}

function parseSteps(text: string): number[] {
  const steps = text.split(",").map(Number);
  const rises = steps.every((step, index) => Number.isInteger(step) && step > (steps[index - 1] ?? 0) && step <= 100);
  if (rises && steps.at(-1) === 100) return steps;
  throw new InvalidArgumentError("Expected rising percents that end with 100, such as 5,25,50,100.");
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text !== "" && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("Expected a number, 0 or more.");
}
