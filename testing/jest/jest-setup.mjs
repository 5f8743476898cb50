// jest's globalSetup. JavaScript, so that jest leaves it, and the TypeScript behind it, to Node.
export { provideNeeds as default } from "./missing-needs.ts";
