import type { DatabaseSync } from "node:sqlite";
import { newRedactionKey, type RedactionKey, redactionKeyOf } from "../../domain/redaction.ts";
import { StoreFaultError } from "../../store-error.ts";
import { placeholders, preparedStatement } from "../rows/prepared-statement.ts";
import { isWholeRow, rowChecksum } from "../rows/row-checksum.ts";

/** Columns of a key; the last is the checksum of the others. */
const keyColumns = "id, secret, is_own, checksum";

type KeyRow = readonly [Uint8Array, Uint8Array, number, number];

/** The keys by which the store recognizes redacted contents; read from its file at the first use. */
export class KeyRing {
  readonly #database: DatabaseSync;
  #known: { readonly own: RedactionKey | undefined; readonly byId: ReadonlyMap<string, RedactionKey> } | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Forgets what was read, because it may have changed. */
  forget(): void {
    this.#known = undefined;
  }

  /** Throws STORE_DAMAGED if a key is not as it was stored. */
  readonly find = (id: Uint8Array): RedactionKey | undefined => this.#read().byId.get(nameOf(id));

  /** By id ascending. */
  get all(): readonly RedactionKey[] {
    return [...this.#read().byId.values()].sort((one, other) => Buffer.compare(one.id, other.id));
  }

  /** Returns the key for redactions here; makes it if there is none. Within a transaction. */
  own(): RedactionKey {
    const { own } = this.#read();
    if (own !== undefined) return own;
    const made = newRedactionKey();
    this.#insert(made, true);
    return made;
  }

  /** Adds keys of other stores. Within a transaction. */
  add(keys: readonly RedactionKey[]): void {
    for (const { secret } of keys) this.#insert(redactionKeyOf(secret), false);
  }

  #insert({ id, secret }: RedactionKey, isOwn: boolean): void {
    const values = [id, secret, isOwn ? 1 : 0];
    const insert = `INSERT INTO keys (${keyColumns}) VALUES (${placeholders(4)}) ON CONFLICT (id) DO NOTHING`;
    preparedStatement(this.#database, insert).run(...values, rowChecksum("keys", values, 0, values.length));
    this.forget();
  }

  #read() {
    if (this.#known !== undefined) return this.#known;
    const byId = new Map<string, RedactionKey>();
    let own: RedactionKey | undefined;
    for (const row of preparedStatement(this.#database, `SELECT ${keyColumns} FROM keys`).all()) {
      const [id, secret, isOwn] = row as unknown as KeyRow;
      if (!isWholeRow("keys", row as unknown as KeyRow, 0, 3)) {
        throw new StoreFaultError("STORE_DAMAGED", "a key of the store is not as it was stored");
      }
      const key = { id, secret };
      byId.set(nameOf(id), key);
      if (isOwn === 1) own = key;
    }
    this.#known = { own, byId };
    return this.#known;
  }
}

function nameOf(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}
