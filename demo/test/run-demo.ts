import { join } from "node:path";
import { ServiceProcess } from "@activity-events/testing/service-process";

/** The file that Node runs. */
export const demoFile = join(import.meta.dirname, "..", "src", "main.ts");

/** Runs the demo with these arguments against a service. */
export function runDemo(address: string, ...args: readonly string[]): ServiceProcess {
  return runDemoIn({ ACTIVITY_ADDRESS: address }, ...args);
}

/** Runs the demo with these arguments in an environment. */
export function runDemoIn(environment: Readonly<Record<string, string>>, ...args: readonly string[]): ServiceProcess {
  return new ServiceProcess({ program: demoFile, arguments: args, environment });
}
