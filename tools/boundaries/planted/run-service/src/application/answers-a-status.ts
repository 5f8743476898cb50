// caught by: grpc-at-the-edges
import { status } from "@grpc/grpc-js";

export const answer = status;
