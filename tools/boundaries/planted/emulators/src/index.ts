import { randomUUID } from "node:crypto";

export const projectId = () => randomUUID();
