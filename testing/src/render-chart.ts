import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parseAllDocuments } from "yaml";

const chart = join(import.meta.dirname, "..", "..", "charts", "activity-events");

// With the folder of `go install`.
const env = { ...process.env, PATH: [process.env.PATH, join(homedir(), "go", "bin")].join(delimiter) };

/** Values of a user, as in a file for `--values`. The chart demands `access`; where they say none it is `open`. */
export type Values = Readonly<Record<string, unknown>>;

/** One object for Kubernetes, as YAML reads it. */
// biome-ignore lint/suspicious/noExplicitAny: its form is Kubernetes' own, which kubectl-validate checks.
export type KubernetesObject = any;

/** Result of helm: the objects, or its error. */
export interface RenderedChart {
  readonly objects: readonly KubernetesObject[];
  readonly text: string;
  readonly refusal: string;
}

/** Returns one line with the reason why this machine cannot check the chart; undefined if it can. */
export function whyNoCharts(): string | undefined {
  const tools = { helm: "helm.sh/helm/v4/cmd/helm", "kubectl-validate": "sigs.k8s.io/kubectl-validate" };
  const missing = Object.entries(tools).filter(([tool]) => run(tool, ["--help"]).status !== 0);
  if (missing.length === 0) return undefined;
  return missing.map(([, path]) => `go install ${path}@latest`).join(" && ");
}

/** Runs `helm template`. */
export function renderChart(values: Values = {}, { release = "log" } = {}): RenderedChart {
  const { status, stdout, stderr } = run("helm", ["template", release, chart, "--values", "-"], values);
  if (status !== 0) return { objects: [], text: "", refusal: stderr };
  const objects = parseAllDocuments(stdout).flatMap((document) => document.toJSON() ?? []);
  return { objects, text: stdout, refusal: "" };
}

/** Runs `helm lint --strict`; returns its findings, empty if there are none. */
export function lintChart(values: Values): string {
  const { status, stdout, stderr } = run("helm", ["lint", "--strict", chart, "--values", "-"], values);
  return status === 0 ? "" : `helm lint ended with ${status}: ${stdout}${stderr}`;
}

/** What `helm install` tells its user at the end; throws when it refuses. */
export function notesOf(values: Values): string {
  const { status, stdout, stderr } = run(
    "helm",
    ["install", "log", chart, "--dry-run=client", "--namespace", "ops", "--values", "-"],
    values,
  );
  if (status !== 0) throw new Error(`helm install ended with ${status}: ${stderr}`);
  return stdout.slice(stdout.indexOf("NOTES:"));
}

/** Runs `kubectl-validate` on a folder of manifests, against the oldest Kubernetes that the chart supports. */
export function validateManifests(folder: string): { readonly isValid: boolean; readonly output: string } {
  const { status, stdout, stderr } = run("kubectl-validate", ["--version", "1.30", folder]);
  return { isValid: status === 0, output: stdout + stderr };
}

function run(command: string, args: readonly string[], values: Values = {}) {
  return spawnSync(command, args, { env, encoding: "utf8", input: JSON.stringify({ access: "open", ...values }) });
}
