import { createHash } from "node:crypto";

export const historyHash = () => createHash("sha256");
