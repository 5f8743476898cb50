// caught by: no-cycles
import { there } from "./cycle-there.ts";

export const here = () => there;
