import { spawnSync } from "node:child_process";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { parseAllDocuments } from "yaml";

const chart = join(import.meta.dirname, "..", "..", "charts", "activity-events");

// Where `go install` puts what it makes.
const env = { ...process.env, PATH: [process.env.PATH, join(homedir(), "go", "bin")].join(delimiter) };

/** The values that a user gives, as in a file for `--values`. */
export type Values = Readonly<Record<string, unknown>>;

/** One object for Kubernetes, as YAML reads it. */
// biome-ignore lint/suspicious/noExplicitAny: its form is Kubernetes' own, which kubectl-validate checks.
export type KubernetesObject = any;

/** What helm makes of the values: the objects, or what it says against them. */
export interface RenderedChart {
  readonly objects: readonly KubernetesObject[];
  readonly text: string;
  readonly refusal: string;
}

/** Says in one line why the chart cannot be checked on this machine; undefined where it can. */
export function whyNoCharts(): string | undefined {
  const tools = { helm: "helm.sh/helm/v4/cmd/helm", "kubectl-validate": "sigs.k8s.io/kubectl-validate" };
  const missing = Object.entries(tools).filter(([tool]) => run(tool, ["--help"]).status !== 0);
  if (missing.length === 0) return undefined;
  return missing.map(([, path]) => `go install ${path}@latest`).join(" && ");
}

/** Runs `helm template`. */
export function renderChart(values: Values = {}): RenderedChart {
  const { status, stdout, stderr } = run("helm", ["template", "log", chart, "--values", "-"], values);
  if (status !== 0) return { objects: [], text: "", refusal: stderr };
  const objects = parseAllDocuments(stdout).flatMap((document) => document.toJSON() ?? []);
  return { objects, text: stdout, refusal: "" };
}

/** Runs `helm lint --strict`; answers what it finds, nothing when all is well. */
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

/** Runs `kubectl-validate` on a folder of manifests, against the oldest Kubernetes that the chart takes. */
export function validateManifests(folder: string): { readonly isValid: boolean; readonly output: string } {
  const { status, stdout, stderr } = run("kubectl-validate", ["--version", "1.30", folder]);
  return { isValid: status === 0, output: stdout + stderr };
}

function run(command: string, args: readonly string[], values: Values = {}) {
  return spawnSync(command, args, { env, encoding: "utf8", input: JSON.stringify(values) });
}
