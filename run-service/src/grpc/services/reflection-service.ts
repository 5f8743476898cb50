import type { DescService } from "@bufbuild/protobuf";
import { bidiHandler, type ServedCalls } from "../calls/grpc-js-handler.ts";
import type { RequestMessages } from "../calls/request-messages.ts";
import { reflectionPaths } from "../server/methods.ts";
import type { Reflection } from "./load-reflection.ts";

/**
 * Makes the handlers of server reflection, v1 and v1alpha, by path. The library reads files and takes 50 ms to load, so
 * it is loaded at the first call.
 */
export function reflectionHandlers(services: readonly DescService[], served: ServedCalls) {
  let loaded: Promise<ReadonlyMap<string, Reflection>> | undefined;
  const load = async () => (await import("./load-reflection.ts")).loadReflection(services);
  return reflectionPaths.map((path) => {
    const handle = async function* (requests: RequestMessages) {
      loaded ??= load();
      const answer = (await loaded).get(path);
      if (answer === undefined) throw new Error(`the reflection library does not serve ${path}`);
      for (let request = await requests.next(); request !== undefined; request = await requests.next()) {
        yield* answer(request);
      }
    };
    return [path, bidiHandler({ path, handle, encode: (answer: Buffer) => answer }, served)] as const;
  });
}
