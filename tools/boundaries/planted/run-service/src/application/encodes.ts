// caught by: application-knows-no-wire
import { encode } from "../grpc/encode.ts";

export const encoded = encode;
