import { escapeControls } from "@activity-events/client";
import type { Output } from "./output.ts";

/** A column: title, width on a terminal in characters, and cell of a row. */
export interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: Row) => string;
  /** Colours the padded cell. */
  readonly paint?: (cell: string, row: Row) => string;
}

/**
 * Writes rows: aligned under headings on a terminal, otherwise tab-separated for tools such as `cut`. A row is always one
 * line; control characters in cells are escaped.
 */
export class Table<Row> {
  readonly #output: Output;
  readonly #columns: readonly Column<Row>[];
  #begun = false;

  constructor(output: Output, columns: readonly Column<Row>[]) {
    this.#output = output;
    this.#columns = columns;
  }

  /** Writes one row, and before the first one the headings. */
  async row(row: Row): Promise<void> {
    if (!this.#output.isTerminal) {
      return this.#output.line(this.#columns.map(({ cell }) => escapeControls(cell(row))).join("\t"));
    }
    if (!this.#begun) await this.#aligned(({ title }) => title);
    this.#begun = true;
    await this.#aligned(
      ({ cell }) => escapeControls(cell(row)),
      ({ paint }, cell) => paint?.(cell, row) ?? cell,
    );
  }

  #aligned(
    textOf: (column: Column<Row>) => string,
    paint: (column: Column<Row>, cell: string) => string = (_column, cell) => cell,
  ): Promise<void> {
    // Pad first: escape sequences have no width.
    const cells = this.#columns.map((column) => paint(column, textOf(column).padEnd(column.width)));
    return this.#output.line(cells.join("  ").trimEnd());
  }
}
