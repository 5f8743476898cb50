// caught by: production-imports-no-tests
export { contract } from "../contract/contract.ts";
