import type { Column } from "./column.ts";

/** A column that is shown, with its width in terminal cells. */
export interface FittedColumn<Row> {
  readonly column: Column<Row>;
  readonly width: number;
}

/** Widest that contents make a column. */
const widthMax = 40;
/** Width that the last column, a text, asks of the others. */
const restMin = 20;
/** Cells between two columns. */
export const columnGap = 2;

/**
 * Chooses the columns that fit a terminal, and their widths from the widest cells. Leaves out columns without contents first,
 * then by their `leftOut` numbers.
 */
export function fitColumns<Row>(
  columns: readonly Column<Row>[],
  widest: readonly number[],
  terminalWidth: number,
): readonly FittedColumn<Row>[] {
  const fitted = columns.map((column, index) => {
    const content = Math.max(widest[index] ?? 0, column.title.length);
    const most = column.width === 0 ? restMin : widthMax;
    return { column, width: Math.min(content, most), isEmpty: (widest[index] ?? 0) === 0 };
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
  return [...shown];
}
