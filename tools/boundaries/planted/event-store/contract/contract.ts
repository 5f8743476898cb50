import { assert } from "fast-check";

export const contract = assert;
