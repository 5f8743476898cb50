import { createFileRegistry, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { ServiceClient } from "./service-client.ts";

export const reflectionVersions = ["v1", "v1alpha"] as const;

// Field numbers of ServerReflectionRequest and ServerReflectionResponse, the same in both versions.
const requestField = { fileByFilename: 3, fileContainingSymbol: 4, listServices: 7 } as const;
const responseField = { fileDescriptorResponse: 4, listServicesResponse: 6, errorResponse: 7 } as const;

/** A question to a server, with its argument. */
export type Question = { readonly [Kind in keyof typeof requestField]?: string };

/** Answer of a server to one question. */
export interface Answer {
  readonly services: readonly string[];
  readonly files: readonly FileDescriptorProto[];
  readonly errorCode: number | undefined;
}

/** Asks for server reflection without code that the server uses. */
export async function askReflection(
  client: ServiceClient,
  version: (typeof reflectionVersions)[number],
  questions: readonly Question[],
): Promise<Answer[]> {
  const reader = client.duplex(reflectionPath(version), questions.map(encode));
  const answers: Answer[] = [];
  for (const _ of questions) answers.push(decode(await reader.next()));
  reader.finish();
  await reader.rest();
  return answers;
}

export function reflectionPath(version: (typeof reflectionVersions)[number]): string {
  return `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
}

/** Builds a registry of these files; throws if one imports a file that is not among them. */
export function registryOf(files: readonly FileDescriptorProto[]): FileRegistry {
  const byName = new Map(files.map((file) => [file.name, file]));
  const [first] = files;
  if (first === undefined) throw new Error("there is no file");
  return createFileRegistry(first, (name) => byName.get(name));
}

export function encode(question: Question): Uint8Array {
  const writer = new BinaryWriter();
  for (const [kind, number] of Object.entries(requestField)) {
    const argument = question[kind as keyof Question];
    if (argument !== undefined) writer.tag(number, WireType.LengthDelimited).string(argument);
  }
  return writer.finish();
}

function decode(bytes: Uint8Array): Answer {
  const fields = fieldsOf(bytes);
  const within = (number: number) => fields.filter(([no]) => no === number).flatMap(([, value]) => fieldsOf(value));
  const [, errorCode] = within(responseField.errorResponse).find(([no]) => no === 1) ?? [];
  return {
    services: within(responseField.listServicesResponse).flatMap(([, service]) =>
      fieldsOf(service).map(([, name]) => Buffer.from(name).toString()),
    ),
    files: within(responseField.fileDescriptorResponse).map(([, file]) => fromBinary(FileDescriptorProtoSchema, file)),
    errorCode: errorCode?.[0],
  };
}

/** Lists the fields of an encoded message by number; a varint as its bytes. */
function fieldsOf(bytes: Uint8Array): [number, Uint8Array][] {
  const reader = new BinaryReader(bytes);
  const fields: [number, Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag();
    fields.push([number, wireType === WireType.LengthDelimited ? reader.bytes() : reader.skip(wireType, number)]);
  }
  return fields;
}
