// caught by: no-junk-drawers
export const trimmed = (text: string) => text.trim();
