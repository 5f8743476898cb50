import { openEventStore } from "@activity-events/event-store";
import { encode } from "./grpc/encode.ts";

export const main = () => [encode, openEventStore];
