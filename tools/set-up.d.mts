export const root: string;
export const projectNode: string;
export function setUp(): void;
export function nodeFault(file: string, platform: string): string | undefined;
