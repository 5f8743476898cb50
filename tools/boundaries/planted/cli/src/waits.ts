// The command line may take what the library offers nobody else.
export { wait } from "@activity-events/client/internal";
