import { escapeControls } from "@activity-events/client";
import type { Output } from "./output.ts";

/** One column: its title, the cells' width on a terminal, and what a row has in it. */
export interface Column<Row> {
  readonly title: string;
  readonly width: number;
  readonly cell: (row: Row) => string;
  /** Colours the finished cell, padding included. */
  readonly paint?: (cell: string, row: Row) => string;
}

/**
 * Rows of text: on a terminal aligned under a head line, otherwise with a tab between the cells and nothing else, for
 * `cut` and its like. Whatever a cell holds, a row is one line.
 */
export class Table<Row> {
  readonly #output: Output;
  readonly #columns: readonly Column<Row>[];
  #begun = false;

  constructor(output: Output, columns: readonly Column<Row>[]) {
    this.#output = output;
    this.#columns = columns;
  }

  /** Writes one row, the first time under the head line. */
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
    // Padded before it is painted: colours take no room.
    const cells = this.#columns.map((column) => paint(column, textOf(column).padEnd(column.width)));
    return this.#output.line(cells.join("  ").trimEnd());
  }
}
