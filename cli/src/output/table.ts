import { escapeControls } from "@activity-events/client";
import type { Column } from "./column.ts";
import { cutMiddleToWidth, cutToWidth, displayWidth, padToWidth } from "./display-width.ts";
import { columnGap, type FittedColumn, fitColumns } from "./fit-columns.ts";
import type { Output } from "./output.ts";

/** Rows that decide the widths; later ones follow them. */
const gatheredMax = 200;

/**
 * Writes rows: aligned under headings and fitted to the width on a terminal, otherwise tab-separated and whole for tools such as
 * `cut`. A row is always one line; control characters in cells are escaped. On a terminal the first rows wait for `flush`.
 */
export class Table<Row> {
  readonly #output: Output;
  readonly #columns: readonly Column<Row>[];
  #gathered: Row[] = [];
  #fitted: readonly FittedColumn<Row>[] | undefined;

  constructor(output: Output, columns: readonly Column<Row>[]) {
    this.#output = output;
    this.#columns = columns;
  }

  /** Writes one row, and before the first one the headings. */
  async row(row: Row): Promise<void> {
    if (!this.#output.isTerminal) {
      return this.#output.line(this.#columns.map(({ cell }) => escapeControls(cell(row))).join("\t"));
    }
    if (this.#fitted !== undefined) return this.#aligned(this.#fitted, row);
    this.#gathered.push(row);
    if (this.#gathered.length >= gatheredMax) await this.flush();
  }

  /** Writes the rows that wait. With `isLive`, more rows follow one by one, and usual widths are kept for them. */
  async flush({ isLive = false } = {}): Promise<void> {
    if (this.#fitted !== undefined || (this.#gathered.length === 0 && !isLive) || !this.#output.isTerminal) return;
    const widest = this.#columns.map((column) => {
      const widths = this.#gathered.map((row) => displayWidth(shownCell(column, row)));
      // The texts that come in the last column may have any width.
      const usual = column.width === 0 ? Number.POSITIVE_INFINITY : column.width;
      return widths.reduce((most, width) => Math.max(most, width), isLive ? usual : 0);
    });
    this.#fitted = fitColumns(this.#columns, widest, this.#output.width);
    await this.#line(this.#fitted, ({ title }) => title);
    const rows = this.#gathered;
    this.#gathered = [];
    for (const row of rows) await this.#aligned(this.#fitted, row);
  }

  #aligned(fitted: readonly FittedColumn<Row>[], row: Row): Promise<void> {
    return this.#line(
      fitted,
      (column) => shownCell(column, row),
      ({ paint }, cell) => paint?.(cell, row) ?? cell,
    );
  }

  #line(
    fitted: readonly FittedColumn<Row>[],
    textOf: (column: Column<Row>) => string,
    paint: (column: Column<Row>, cell: string) => string = (_column, cell) => cell,
  ): Promise<void> {
    let room = this.#output.width;
    let later = fitted.reduce((sum, { width }) => sum + width + columnGap, 0);
    const cells = fitted.map(({ column, width }) => {
      later -= width + columnGap;
      const usual = Math.min(width, Math.max(room, 0));
      // A wide cell takes more, but leaves the columns behind it their room.
      const most = Math.max(usual, room - later);
      // Pad and cut first: escape sequences have no width.
      const text = column.isWhole ? textOf(column) : cutCell(column, textOf(column), most);
      const padded = column.width === 0 ? text : padToWidth(text, usual);
      room -= displayWidth(padded) + columnGap;
      return paint(column, padded);
    });
    return this.#output.line(cells.join(" ".repeat(columnGap)).trimEnd());
  }
}

function shownCell<Row>({ cell, shown = cell }: Column<Row>, row: Row): string {
  return escapeControls(shown(row));
}

function cutCell<Row>({ isCutInside }: Column<Row>, text: string, width: number): string {
  return isCutInside ? cutMiddleToWidth(text, width) : cutToWidth(text, width);
}
