import { file_activityevents_v1_error_reason } from "@activity-events/proto/activityevents/v1/error_reason_pb.js";
import { file_google_rpc_error_details } from "@activity-events/proto/google/rpc/error_details_pb.js";
import {
  type ServerReflectionRequest,
  ServerReflectionRequestSchema,
  type ServerReflectionResponse,
  ServerReflectionResponseSchema,
} from "@activity-events/proto/grpc/reflection/v1/reflection_pb.js";
import { create, type DescService, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { Refusal } from "../../application/refusal.ts";
import { bidiHandler, type ServedCalls } from "../calls/grpc-js-handler.ts";
import type { RequestMessages } from "../calls/request-messages.ts";
import { checkEncoding } from "../codec/check-encoding.ts";
import { rulesOf } from "../codec/encoding-rules.ts";
import { unreadable } from "../errors/unreadable.ts";
import { reflectionPaths } from "../server/methods.ts";
import { DescribedFiles } from "./described-files.ts";

type MessageResponse = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/** Makes the handlers of server reflection, v1 and v1alpha, by path. The versions have the same messages. */
export function reflectionHandlers(services: readonly DescService[], served: ServedCalls) {
  let known: DescribedFiles | undefined;
  // No method names the last two, but clients need them to read a refusal.
  const refusals = [file_activityevents_v1_error_reason, file_google_rpc_error_details];
  const describe = () => new DescribedFiles([...services.map(({ file }) => file), ...refusals]);
  return reflectionPaths.map((path) => {
    const handle = async function* (requests: RequestMessages) {
      known ??= describe();
      for (let bytes = await requests.next(); bytes !== undefined; bytes = await requests.next()) {
        yield answerOf(decodeReflectionRequest(bytes, path), { files: known, services });
      }
    };
    const encode = (answer: ServerReflectionResponse) => Buffer.from(toBinary(ServerReflectionResponseSchema, answer));
    return [path, bidiHandler({ path, handle, encode }, served)] as const;
  });
}

function decodeReflectionRequest(bytes: Uint8Array, method: string): ServerReflectionRequest {
  try {
    checkEncoding(rulesOf(ServerReflectionRequestSchema), bytes);
    return fromBinary(ServerReflectionRequestSchema, bytes);
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw unreadable("the request is no encoded ServerReflectionRequest", method, cause);
  }
}

interface Described {
  readonly files: DescribedFiles;
  readonly services: readonly DescService[];
}

function answerOf(request: ServerReflectionRequest, described: Described): ServerReflectionResponse {
  return create(ServerReflectionResponseSchema, {
    validHost: request.host,
    originalRequest: request,
    messageResponse: responseTo(request, described),
  });
}

function responseTo({ messageRequest }: ServerReflectionRequest, { files, services }: Described): MessageResponse {
  switch (messageRequest.case) {
    case "listServices":
      return {
        case: "listServicesResponse",
        value: { service: services.map(({ typeName }) => ({ name: typeName })) },
      };
    case "fileByFilename":
      return filesOr(files.named(messageRequest.value), `there is no file ${messageRequest.value}`);
    case "fileContainingSymbol":
      return filesOr(files.declaring(messageRequest.value), `there is no symbol ${messageRequest.value}`);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = messageRequest.value;
      const found = files.extending(containingType, extensionNumber);
      return filesOr(found, `there is no extension ${extensionNumber} of ${containingType}`);
    }
    case "allExtensionNumbersOfType": {
      const numbers = files.extensionNumbers(messageRequest.value);
      return numbers === undefined
        ? refusal(status.NOT_FOUND, `there is no extension of ${messageRequest.value}`)
        : {
            case: "allExtensionNumbersResponse",
            value: { baseTypeName: messageRequest.value, extensionNumber: [...numbers] },
          };
    }
    default:
      return refusal(status.UNIMPLEMENTED, "the request asks for nothing that this server knows");
  }
}

function filesOr(found: readonly Uint8Array[] | undefined, errorMessage: string): MessageResponse {
  return found === undefined
    ? refusal(status.NOT_FOUND, errorMessage)
    : { case: "fileDescriptorResponse", value: { fileDescriptorProto: [...found] } };
}

function refusal(errorCode: number, errorMessage: string): MessageResponse {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
