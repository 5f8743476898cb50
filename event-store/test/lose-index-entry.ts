import { DatabaseSync } from "node:sqlite";

/** Takes the entry of a row out of an index, as a write that the disk dropped does: the row and all else stay. */
export function loseIndexEntry(
  file: string,
  { table, index, row }: { readonly table: string; readonly index: string; readonly row: string },
): void {
  const rootOf = (name: string) => `(SELECT rootpage FROM roots WHERE name = '${name}')`;
  const setRoot = (name: string, root: string) => `UPDATE sqlite_schema SET rootpage = ${root} WHERE name = '${name}'`;
  exec(
    file,
    `CREATE TABLE kept AS SELECT * FROM ${table} WHERE ${row};
     CREATE TABLE spare (key); CREATE INDEX spare_index ON spare (key);
     CREATE TABLE roots AS SELECT name, rootpage FROM sqlite_schema WHERE type = 'index';
     DELETE FROM ${table} WHERE ${row};
     ${setRoot(index, rootOf("spare_index"))}`,
  );
  // What is written now goes into the tree of the spare index.
  exec(file, `INSERT INTO ${table} SELECT * FROM kept; ${setRoot(index, rootOf(index))}`);
  exec(file, "DROP TABLE spare; DROP TABLE roots; DROP TABLE kept");
}

/** Takes a row out of its table, as a stale page does: the entries of its indexes stay. */
export function loseTableRow(file: string, { table, row }: { readonly table: string; readonly row: string }): void {
  const ofTable = `FROM sqlite_schema WHERE type = 'index' AND tbl_name = '${table}'`;
  exec(
    file,
    `CREATE TABLE roots AS SELECT name, rootpage ${ofTable};
     CREATE TABLE spare (key); CREATE INDEX spare_index ON spare (key);
     UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema AS of WHERE of.name = 'spare_index')
       WHERE type = 'index' AND tbl_name = '${table}'`,
  );
  exec(
    file,
    `DELETE FROM ${table} WHERE ${row};
     UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM roots WHERE roots.name = sqlite_schema.name)
       WHERE type = 'index' AND tbl_name = '${table}'`,
  );
  exec(file, "DROP TABLE spare; DROP TABLE roots");
}

// Each time as somebody who reads the schema anew.
function exec(file: string, sql: string): void {
  using database = new DatabaseSync(file);
  database.enableDefensive(false);
  database.exec(`PRAGMA writable_schema = ON; ${sql}`);
}
