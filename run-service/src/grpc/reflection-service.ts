import type { DescService } from "@bufbuild/protobuf";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import { refusalOf } from "../application/refuse.ts";
import type { ServedCalls } from "./implementation-of.ts";
import type { Reflection } from "./load-reflection.ts";
import { statusOf } from "./status.ts";
import { unreadable } from "./unreadable.ts";

type RawCall = ServerDuplexStream<Buffer, Buffer>;

const paths = ["v1", "v1alpha"].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);

/**
 * What answers server reflection of these services, v1 and v1alpha, by path. The library behind it reads files and takes
 * 50 ms to load, so it is loaded at the first call.
 */
export function reflectionHandlers(services: readonly DescService[], { log, streams }: ServedCalls) {
  let loaded: Promise<ReadonlyMap<string, Reflection>> | undefined;
  const load = async () => (await import("./load-reflection.ts")).loadReflection(services);
  return paths.map((path) => {
    const serve = async (call: RawCall) => {
      try {
        loaded ??= load();
        const reflection = (await loaded).get(path);
        if (reflection === undefined) throw new Error(`the reflection library does not serve ${path}`);
        reflection.handle(decoded(call, reflection.definition));
      } catch (error) {
        log.error({ method: path.slice(1), err: error }, "reflection failed");
        refuse(call, error);
      }
    };
    const serveCounted = (call: RawCall) => {
      // Who has gone before the handlers were loaded is told of no more.
      if (call.cancelled) return;
      try {
        const held = streams.hold();
        // Of each call, once nothing more of it is to be sent or the caller has gone.
        call.on("cancelled", () => held[Symbol.dispose]());
      } catch (error) {
        refuse(call, error);
        return;
      }
      serve(call);
    };
    return [path, serveCounted] as const;
  });
}

// The call as the library wants it: decoded messages come in and go out. The first that cannot be decoded ends it.
function decoded(call: RawCall, { path, requestDeserialize, responseSerialize }: Reflection["definition"]) {
  const handle = (bytes: Buffer, listener: (request: unknown) => void) => {
    if (call.writableEnded) return;
    let request: unknown;
    try {
      request = requestDeserialize(bytes);
    } catch (cause) {
      refuse(call, unreadable("the request is no encoded ServerReflectionRequest", path, cause));
      return;
    }
    listener(request);
  };
  const view = {
    on: (event: string, listener: (...parameters: unknown[]) => void) => {
      if (event === "data") call.on("data", (bytes: Buffer) => handle(bytes, listener));
      else call.on(event, listener);
      return view;
    },
    write: (message: unknown) => {
      // A caller that does not read is not read from either.
      if (call.write(responseSerialize(message))) return true;
      call.pause();
      call.once("drain", () => call.resume());
      return false;
    },
    end: () => call.end(),
  };
  return view as unknown as ServerDuplexStream<unknown, unknown>;
}

function refuse(call: RawCall, error: unknown): void {
  call.emit("error", statusOf(refusalOf(error)));
}
