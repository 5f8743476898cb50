import type { Column } from "./column.ts";

/** A column that is shown, with its width in terminal cells. */
export interface FittedColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
  /** Width of the widest cell. */
  readonly content: number;
}

/** Widest that contents make a column. */
const widthMax = 40;
/** Width that the last column, a text, asks of the others. */
const restMin = 18;
/** Cells between two columns. */
export const columnGap = 2;

/**
 * Chooses the columns that fit a terminal, and their widths from the widest cells. Leaves out columns without contents first,
 * then by their `leftOut` numbers, and shrinks the widest at last.
 */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  widest: readonly number[],
  terminalWidth: number,
): readonly FittedColumn<Row>[] {
  const fitted = columns.map((column, index) => {
    const content = Math.max(widest[index] ?? 0, column.title.length);
    const most = column.width === 0 ? restMin : widthMax;
    return { column, width: Math.min(content, most), content, isEmpty: (widest[index] ?? 0) === 0 };
  });
  const spare = fitted
    .filter(({ column }) => column.leftOut !== undefined)
    .sort((a, b) => Number(b.isEmpty) - Number(a.isEmpty) || (a.column.leftOut ?? 0) - (b.column.leftOut ?? 0));
  const shown = new Set(fitted);
  const needed = () => [...shown].reduce((sum, { width }) => sum + width + columnGap, -columnGap);
  for (const each of spare) {
    if (needed() <= terminalWidth) break;
    shown.delete(each);
  }
  return widened(shrunk([...shown], needed() - terminalWidth), terminalWidth - needed());
}

/** Gives the room that is left to contents that are wider than usual, unless the last column takes it. */
function widened<Row>(columns: readonly FittedColumn<Row>[], room: number): readonly FittedColumn<Row>[] {
  if (columns.some(({ column }) => column.width === 0)) return columns;
  let left = Math.max(0, room);
  return columns.map((each) => {
    const more = Math.min(left, Math.max(0, each.content - each.width));
    left -= more;
    return { ...each, width: each.width + more };
  });
}

/** Takes what is too much from the widest column, down to its usual width, then from the next. */
function shrunk<Row>(columns: readonly FittedColumn<Row>[], excess: number): readonly FittedColumn<Row>[] {
  const spareOf = ({ column, width }: FittedColumn<Row>) => (column.width === 0 ? 0 : width - column.width);
  const [widest] = [...columns].sort((a, b) => spareOf(b) - spareOf(a));
  if (excess <= 0 || widest === undefined || spareOf(widest) <= 0) return columns;
  const less = Math.min(excess, spareOf(widest));
  const narrower = { ...widest, width: widest.width - less };
  return shrunk(
    columns.map((each) => (each === widest ? narrower : each)),
    excess - less,
  );
}
