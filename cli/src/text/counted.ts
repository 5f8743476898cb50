const inGroups = new Intl.NumberFormat("en");

/** Formats a count with its noun, such as `1,200 events`. */
export function counted(count: number, noun: string): string {
  return `${inGroups.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}
