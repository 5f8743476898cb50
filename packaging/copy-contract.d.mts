export function copyContract(folder: string): void;
