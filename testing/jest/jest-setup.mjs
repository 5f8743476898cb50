// jest's globalSetup. In JavaScript, so that Node, not jest, loads it and the TypeScript behind it.
export { provideNeeds as default } from "./missing-needs.ts";
