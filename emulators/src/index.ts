export { NoEmulatorsError } from "./no-emulators-error.ts";
export { randomProjectId } from "./random-project-id.ts";
export type { MirrorPart, ServicePart } from "./stack-parts.ts";
export { type Emulators, type EmulatorsOptions, startEmulators } from "./start-emulators.ts";
export type { Part } from "./start-part.ts";
export { type Stack, type StackOptions, startStack } from "./start-stack.ts";
