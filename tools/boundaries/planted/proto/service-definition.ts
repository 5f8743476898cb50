import type { ServiceDefinition } from "@grpc/grpc-js";

export type Definition = ServiceDefinition;
