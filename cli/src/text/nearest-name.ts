/** Name in a list that is closest to a text, and how many characters apart they are. */
export interface NearestName {
  readonly name: string;
  readonly distance: number;
}

/** Most edits between two names that look like a slip of the keyboard. */
export const slipMax = 2;

/** Finds the name that needs the fewest edits to become the text: a character inserted, removed, changed or swapped. */
export function nearestName(text: string, names: readonly string[]): NearestName | undefined {
  return names
    .map((name) => ({ name, distance: distanceOf(text, name) }))
    .reduce<NearestName | undefined>((best, next) => (best && best.distance <= next.distance ? best : next), undefined);
}

/** Counts edits by optimal string alignment, a row of the table at a time. */
function distanceOf(from: string, to: string): number {
  let [before, last]: [readonly number[], readonly number[]] = [
    [],
    Array.from({ length: to.length + 1 }, (_, at) => at),
  ];
  for (let row = 1; row <= from.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const changed = at(last, column - 1) + (from[row - 1] === to[column - 1] ? 0 : 1);
      const isSwap = row > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swapped = isSwap ? at(before, column - 2) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(changed, at(last, column) + 1, at(next, column - 1) + 1, swapped));
    }
    [before, last] = [last, next];
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
