export const root: string;
export const projectNode: string;
export const runningWorkspaces: readonly string[];
export function setUp(level: "running" | "everything"): void;
export function nodeFault(file: string, platform: string): string | undefined;
