// caught by: internal-path-is-the-command-line-s
export { wait } from "@activity-events/client/internal";
