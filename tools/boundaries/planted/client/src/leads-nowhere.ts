// caught by: nothing-unresolvable
export { gone } from "./gone.ts";
