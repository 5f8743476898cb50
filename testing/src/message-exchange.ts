import { once } from "node:events";
import { create, type DescMethodBiDiStreaming, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import type { ClientDuplexStream } from "@grpc/grpc-js";
import { MessageReader } from "./message-reader.ts";

/** A call with messages in both directions. */
export class MessageExchange<M extends DescMethodBiDiStreaming> extends MessageReader<MessageShape<M["output"]>> {
  readonly #method: M;
  readonly #stream: ClientDuplexStream<Uint8Array | MessageShape<M["input"]>, MessageShape<M["output"]>>;

  constructor(method: M, stream: ClientDuplexStream<Uint8Array | MessageShape<M["input"]>, MessageShape<M["output"]>>) {
    super(stream, () => stream.end());
    this.#method = method;
    this.#stream = stream;
  }

  /** Sends a message, possibly pre-encoded, even if invalid. Returns false if the wire takes no more for now. */
  send(request: Uint8Array | MessageInitShape<M["input"]>): boolean {
    const isEncoded = request instanceof Uint8Array;
    return this.#stream.write(isEncoded ? request : (create(this.#method.input, request) as MessageShape<M["input"]>));
  }

  /** Resolves when the wire takes more. */
  async drained(): Promise<void> {
    await once(this.#stream, "drain");
  }
}
