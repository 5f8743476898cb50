// caught by: production-imports-no-dev-dependency
import { assert } from "fast-check";

export const check = assert;
