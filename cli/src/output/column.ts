/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  /** Usual width of a cell on a terminal; 0 for the last column, which takes the rest of the line. */
  readonly width: number;
  readonly cell: (row: Row) => string;
  /** Colours the padded cell. */
  readonly paint?: (cell: string, row: Row) => string;
  /** Cell on a terminal, where a person reads it; default: `cell`. */
  readonly shown?: (row: Row) => string;
  /** Never cut: a terminal breaks the line instead. */
  readonly isWhole?: boolean;
  /** Cut inside instead of at the end, which tells ids apart. */
  readonly isCutInside?: boolean;
  /** Where a terminal is too narrow, columns are left out in the order of this number; without it the column stays. */
  readonly leftOut?: number;
}
