import { openEventStore } from "@activity-events/event-store";
import { Server } from "@grpc/grpc-js";
import { encode } from "./grpc/encode.ts";

export const main = () => [Server, encode, openEventStore];
