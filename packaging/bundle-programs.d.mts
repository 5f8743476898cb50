export function sourcesOf(entryPoints: Readonly<Record<string, string>>): Promise<ReadonlySet<string>>;
