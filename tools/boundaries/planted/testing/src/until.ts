import { setTimeout as sleep } from "node:timers/promises";

export const until = () => sleep(1);
