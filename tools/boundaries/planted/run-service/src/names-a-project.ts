// caught by: launcher-is-never-shipped
export { projectId } from "@activity-events/emulators";
