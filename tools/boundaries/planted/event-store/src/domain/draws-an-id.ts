// caught by: domain-hashes-in-one-place
import { randomUUID } from "node:crypto";

export const id = () => randomUUID();
