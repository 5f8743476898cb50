export const file = "event.proto";
