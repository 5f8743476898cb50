import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";

/**
 * What Google Cloud refuses for minutes after what it needs was made; Terraform's provider does not try again. Sources: the issues
 * 10325 and 11102 of hashicorp/terraform-provider-google and 896 of GoogleCloudPlatform/cloud-ops-sandbox.
 */
const notYet = [
  { refusal: /Cannot find metric|metric .*is unknown/i, awaited: "Cloud Monitoring to know the new metrics" },
  { refusal: /denied[.] You must grant/i, awaited: "the new grants to take effect" },
  { refusal: /gcp-sa-\S+ does not exist/i, awaited: "Google's own accounts to be made" },
  { refusal: /SERVICE_DISABLED|before or it is disabled/i, awaited: "the APIs to be switched on" },
];

/** Pause before Terraform plans again, and how long it does so in all, in ms. Metrics take up to 10 minutes. */
const pauseMs = 30_000;
const limitMs = 15 * 60_000;

/**
 * Plans a folder of terraform/ with its state in this bucket, and applies that very plan. Plans again, for up to 15 minutes, while all that
 * Google Cloud refuses is what it has yet to notice. Throws with a sentence.
 */
export async function applyFolder(folder, { bucket, variables, tell, sleep = pause, now = Date.now }) {
  // A plan holds the values of all variables, secret ones too.
  const scratch = mkdtempSync(join(tmpdir(), "activity-events-plan-"));
  const plan = join(scratch, "plan");
  try {
    await initialize(folder, bucket);
    for (const end = now() + limitMs; ; ) {
      const refused =
        (await terraform(folder, "plan", "-input=false", "-lock-timeout=300s", `-out=${plan}`, ...variables)) ??
        (await terraform(folder, "apply", "-input=false", "-lock-timeout=300s", plan));
      if (refused === undefined) return;
      const awaited = awaitedBy(refused.output);
      if (awaited === undefined) throw new Error(refused.message);
      if (now() >= end) throw new Error(`${refused.message} It waited 15 minutes for ${awaited}; run it again later.`);
      tell(`waiting for ${awaited}, then it goes on; ${Math.ceil((end - now()) / 60_000)} minutes left.`);
      await sleep(pauseMs);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** Prepares a folder of terraform/ for the state in this bucket. */
export async function initialize(folder, bucket) {
  // The folder may know another project's bucket from an earlier time.
  const refused = await terraform(folder, "init", "-input=false", "-reconfigure", `-backend-config=bucket=${bucket}`);
  if (refused !== undefined) throw new Error(refused.message);
}

/** Runs Terraform in a folder, its output on the terminal as well; answers how it failed, undefined when it did not. */
export async function terraform(folder, command, ...args) {
  const child = spawn("terraform", [`-chdir=${folder}`, command, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of ["stdout", "stderr"]) {
    child[stream].setEncoding("utf8").on("data", (text) => {
      output += text;
      process[stream].write(text);
    });
  }
  const { code, error } = await new Promise((resolve) => {
    child.on("error", (error) => resolve({ error }));
    child.on("close", (code) => resolve({ code }));
  });
  if (code === 0) return undefined;
  return { output, message: `terraform ${command} failed${error ? `: ${error.message}` : "."}` };
}

/** What Terraform's errors wait for, when waiting helps against all of them. */
function awaitedBy(output) {
  // Terraform breaks a text into lines, each in a frame and in colours.
  const errors = stripVTControlCharacters(output)
    .split(/^\W*Error: /m)
    .slice(1)
    .map((text) => text.replace(/\s*\n[│\s]*/g, " "));
  const awaited = errors.map((text) => notYet.find(({ refusal }) => refusal.test(text))?.awaited);
  if (awaited.length === 0 || awaited.includes(undefined)) return undefined;
  return [...new Set(awaited)].join(", and ");
}
