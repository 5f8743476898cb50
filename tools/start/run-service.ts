import { Part } from "./part.ts";
import type { RunOptions } from "./run-all.ts";

/** Runs the service alone, with arguments of the caller's. Returns its exit code. */
export async function runService({ programs, args, environment, requests }: RunOptions): Promise<number> {
  const service = new Part({ name: "service", file: programs.service, args, environment });
  requests.onFurther = () => service.hurry();
  requests.first.then(() => service.stop());
  return service.ended;
}
