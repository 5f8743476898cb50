/** The bare name of an enum's number: empty for 0, which means "not said", and the number itself when it has no name. */
export function enumName(names: Readonly<Record<number, string>>, value: number): string {
  return value === 0 ? "" : (names[value] ?? String(value));
}
