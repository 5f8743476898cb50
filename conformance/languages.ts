import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync } from "node:fs";
import { delimiter, join } from "node:path";

const root = join(import.meta.dirname, "..");
const protos = join(root, "proto");
const protosOfOthers = join(root, "third-party-proto");

/** A program that is ready to run; the service's address is its last argument. */
export interface Program {
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** A language of which there is a program. */
export interface Language {
  /** Says in one line what this machine lacks to build it; undefined where it lacks nothing. */
  whyNot(): string | undefined;
  /** Generates the contract's code and builds the program in a folder that is its own. */
  build(folder: string): Program;
}

/** The languages with a program here, by the names of their folders. */
export const languages: Readonly<Record<string, Language>> = {
  go: {
    whyNot: () => (runs("go", "version") ? undefined : "go: install Go 1.26 or newer as its makers' page says"),
    build: (folder) => {
      cpSync(join(import.meta.dirname, "go"), folder, { recursive: true });
      const buf = join(root, "node_modules", ".bin", "buf");
      run(folder, buf, ["generate", root, "--template", "buf.gen.yaml", "--path", join(protos, "activityevents")]);
      run(folder, "go", ["build", "-o", "conformance", "."]);
      return { command: [join(folder, "conformance")] };
    },
  },
  python: {
    whyNot: () =>
      runs("python3", "-m", "pip", "--version") ? undefined : "python: apt-get install python3 python3-pip",
    build: (folder) => {
      const from = join(import.meta.dirname, "python");
      const [packages, generated] = [join(folder, "packages"), join(folder, "gen")];
      mkdirSync(generated, { recursive: true });
      const quietly = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"];
      const wanted = ["--target", packages, "--requirement", join(from, "requirements.txt")];
      run(folder, "python3", ["-m", "pip", "install", ...quietly, ...wanted]);
      const files = globSync("activityevents/**/*.proto", { cwd: protos });
      const imports = [`-I${protos}`, `-I${protosOfOthers}`];
      const outputs = [`--python_out=${generated}`, `--grpc_python_out=${generated}`];
      run(folder, "python3", ["-m", "grpc_tools.protoc", ...imports, ...outputs, ...files], { PYTHONPATH: packages });
      const environment = { PYTHONPATH: [packages, generated].join(delimiter), PYTHONDONTWRITEBYTECODE: "1" };
      return { command: ["python3", join(from, "conformance.py")], environment };
    },
  },
  java: {
    whyNot: () => {
      const isHere = runs("mvn", "--version") && runs("javac", "-version");
      return isHere ? undefined : "java: apt-get install maven default-jdk-headless";
    },
    build: (folder) => {
      cpSync(join(import.meta.dirname, "java"), folder, { recursive: true });
      run(folder, "mvn", ["--quiet", "--batch-mode", `-Dprotos=${protos}`, "compile"], { JAVA_HOME: jdkHome() });
      const classes = [join(folder, "target", "classes"), join(folder, "target", "lib", "*")].join(delimiter);
      return { command: ["java", "-cp", classes, "conformance.Main"] };
    },
  },
};

/** The home that JAVA_HOME names, unless that Java cannot compile; Maven then finds one itself. */
function jdkHome(): string | undefined {
  const { JAVA_HOME = "" } = process.env;
  return existsSync(join(JAVA_HOME, "bin", "javac")) ? JAVA_HOME : undefined;
}

function runs(command: string, ...args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Runs a step of a build; throws with all that it said when it fails. */
function run(cwd: string, command: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): void {
  // On standard output stands the table alone.
  execFileSync(command, args, { cwd, env: { ...process.env, ...environment }, stdio: ["ignore", 2, 2] });
}
