/** The program ends by Ctrl-C's signal, like the command that it ran. */
export const sigint = "SIGINT";

/** How the program ends: with an exit code, or by a signal. */
export type ProgramEnd = number | typeof sigint;
