import { file_google_rpc_error_details } from "@activity-events/proto/google/rpc/error_details_pb.js";
import { type DescFile, type DescService, ScalarType, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { handleBidiStreamingCall, MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
// Named imports in a file that is itself imported on demand: a library imported directly with `import()` would have no
// names in the bundle.
import { ReflectionService } from "@grpc/reflection";
import { Refusal } from "../../application/refusal.ts";
import { checkEncoding } from "../codec/check-encoding.ts";
import { type MessageRules, messageRule, scalarRule } from "../codec/encoding-rules.ts";
import { unreadable } from "../errors/unreadable.ts";

/** Returns the encoded answers to an encoded ServerReflectionRequest. Throws a Refusal. */
export type Reflection = (request: Buffer) => readonly Buffer[];

const text = (name: string) => scalarRule(name, ScalarType.STRING);

// grpc.reflection.v1.ExtensionRequest and ServerReflectionRequest, equal in v1alpha; the library keeps their
// descriptors private.
const extensionRules: MessageRules = {
  isEntry: false,
  fields: [undefined, text("containing_type"), scalarRule("extension_number", ScalarType.INT32)],
};
const requestRules: MessageRules = {
  isEntry: false,
  fields: [
    undefined,
    text("host"),
    undefined,
    text("file_by_filename"),
    text("file_containing_symbol"),
    messageRule("file_containing_extension", extensionRules),
    text("all_extension_numbers_of_type"),
    text("list_services"),
  ],
};

type LibraryHandler = handleBidiStreamingCall<unknown, unknown>;

/** Makes the methods of server reflection for these services, by path. */
export function loadReflection(services: readonly DescService[]): ReadonlyMap<string, Reflection> {
  const fileDescriptorProtos = filesOf(services).map((file) =>
    Buffer.from(toBinary(FileDescriptorProtoSchema, file.proto)),
  );
  const service = new ReflectionService({ all: { format: "files", type: {}, fileDescriptorProtos } } as never);
  const byPath = new Map<string, Reflection>();
  const collector = {
    addService: (methods: ServiceDefinition, handlers: Record<string, LibraryHandler>) => {
      for (const [name, definition] of Object.entries(methods)) {
        const handle = handlers[name];
        if (handle !== undefined) byPath.set(definition.path, answersOf(definition, handle));
      }
    },
  };
  service.addToServer(collector as never);
  return byPath;
}

/** Adapts the library's handler to one message at a time; it answers each at once. */
function answersOf(definition: MethodDefinition<unknown, unknown>, handle: LibraryHandler): Reflection {
  const { path, requestDeserialize, responseSerialize } = definition;
  return (bytes) => {
    const request = decodeReflectionRequest(bytes, path, requestDeserialize);
    const answers: Buffer[] = [];
    const call = {
      on: (event: string, listener: (request: unknown) => void) => {
        if (event === "data") listener(request);
        return call;
      },
      write: (answer: unknown) => answers.push(responseSerialize(answer)),
      end: () => {},
    };
    handle(call as never);
    return answers;
  };
}

function decodeReflectionRequest(bytes: Buffer, method: string, decode: (bytes: Buffer) => unknown): unknown {
  try {
    checkEncoding(requestRules, bytes);
    return decode(bytes);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw unreadable("the request is no encoded ServerReflectionRequest", method, cause);
  }
}

function filesOf(services: readonly DescService[]): DescFile[] {
  const files = new Set<DescFile>();
  const add = (file: DescFile) => {
    for (const dependency of file.dependencies) add(dependency);
    files.add(file);
  };
  for (const { file } of services) add(file);
  // No method names it, but clients need it to read the details of a refusal.
  add(file_google_rpc_error_details);
  return [...files];
}
