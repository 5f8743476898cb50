import { type DescExtension, type DescFile, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";

/** Files of the contract, found by name, symbol and extension, as server reflection tells of them. */
export class DescribedFiles {
  readonly #byName = new Map<string, DescFile>();
  readonly #bySymbol = new Map<string, DescFile>();
  /** Extensions by the name of the message that they extend. */
  readonly #extensions = new Map<string, readonly DescExtension[]>();
  /** Encoded files with their imports, by file, made when first asked for. */
  readonly #encoded = new Map<DescFile, readonly Uint8Array[]>();

  constructor(files: Iterable<DescFile>) {
    for (const file of files) this.#add(file);
  }

  /** Returns the file of this name, such as `activityevents/v1/event.proto`, and all that it imports, encoded. */
  named(name: string): readonly Uint8Array[] | undefined {
    return this.#encode(this.#byName.get(name));
  }

  /** The same for the file that declares a symbol, such as `activityevents.v1.Event.message`. */
  declaring(symbol: string): readonly Uint8Array[] | undefined {
    return this.#encode(this.#bySymbol.get(symbol));
  }

  /** The same for the file that declares an extension of a message. */
  extending(message: string, number: number): readonly Uint8Array[] | undefined {
    return this.#encode(this.#extensions.get(message)?.find((extension) => extension.number === number)?.file);
  }

  /** Returns the numbers of all extensions of a message. */
  extensionNumbers(message: string): readonly number[] | undefined {
    return this.#extensions.get(message)?.map(({ number }) => number);
  }

  #add(file: DescFile): void {
    if (this.#byName.has(file.proto.name)) return;
    this.#byName.set(file.proto.name, file);
    for (const dependency of file.dependencies) this.#add(dependency);
    for (const symbol of symbolsOf(file)) this.#bySymbol.set(symbol, file);
    for (const type of nestedTypes(file)) {
      if (type.kind !== "extension") continue;
      const { typeName } = type.extendee;
      this.#extensions.set(typeName, [...(this.#extensions.get(typeName) ?? []), type]);
    }
  }

  #encode(file: DescFile | undefined): readonly Uint8Array[] | undefined {
    if (file === undefined) return undefined;
    const known = this.#encoded.get(file);
    if (known !== undefined) return known;
    const encoded = withImports(file).map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
    this.#encoded.set(file, encoded);
    return encoded;
  }
}

/** A file, then each that it imports, once. */
function withImports(file: DescFile): readonly DescFile[] {
  const files = new Set([file]);
  // A set goes on with what is added meanwhile.
  for (const { dependencies } of files) for (const dependency of dependencies) files.add(dependency);
  return [...files];
}

/** Full names of all that a file declares. */
function* symbolsOf(file: DescFile): Iterable<string> {
  for (const type of nestedTypes(file)) {
    yield type.typeName;
    if (type.kind === "message") {
      for (const member of [...type.fields, ...type.oneofs]) yield `${type.typeName}.${member.name}`;
    } else if (type.kind === "service") {
      for (const { name } of type.methods) yield `${type.typeName}.${name}`;
    } else if (type.kind === "enum") {
      // A value is a sibling of its enum.
      const scope = type.typeName.slice(0, -type.name.length);
      for (const { name } of type.values) yield `${scope}${name}`;
    }
  }
}
