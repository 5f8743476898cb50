import type { DocumentReference, Firestore } from "@google-cloud/firestore";
import { newRedactionKey, type Redaction, type RedactionKey, redactionKeyOf } from "../domain/redaction.ts";
import { StoreFaultError } from "../store-error.ts";
import { bounded, codeOf } from "./faults.ts";
import { hashIn, mapIn, textIn } from "./stored-values.ts";

const alreadyExists = 6;

interface StoredKeys {
  /** The key for redactions here. */
  readonly own: RedactionKey;
  /** All keys by id in hexadecimal, the own one too. */
  readonly byId: ReadonlyMap<string, RedactionKey>;
}

/**
 * The keys of redacted contents: the document `keys/redactions` with a map of ids to secrets, and the id of the store's own. It is
 * read once, and again where an event names a key that is not among them.
 */
export class RedactionKeys {
  readonly #document: DocumentReference;
  #known: StoredKeys | undefined;

  constructor(firestore: Firestore) {
    this.#document = firestore.collection("keys").doc("redactions");
  }

  /** Returns the key for redactions here: of all instances the one that was stored first. */
  async own(): Promise<RedactionKey> {
    return (this.#known ?? (await this.#load())).own;
  }

  /** By id ascending, as they are stored now. */
  async all(): Promise<readonly RedactionKey[]> {
    const { byId } = await this.#load();
    return [...byId.values()].sort((one, other) => Buffer.compare(one.id, other.id));
  }

  async add(keys: readonly RedactionKey[]): Promise<void> {
    // The own key first, so that it is none of another store's.
    await this.own();
    const secrets = Object.fromEntries(keys.map(({ id, secret }) => [hexOf(id), secret]));
    await bounded(this.#document.set({ secrets }, { merge: true }));
    await this.#load();
  }

  /** Makes sure that the keys of these redactions are known, as far as the store has them. */
  async know(redactions: readonly (Redaction | undefined)[]): Promise<void> {
    const isUnknown = redactions.some(
      (redaction) => redaction !== undefined && this.find(redaction.keyId) === undefined,
    );
    if (isUnknown) await this.#load();
  }

  /** Finds a known key. */
  readonly find = (id: Uint8Array): RedactionKey | undefined => this.#known?.byId.get(hexOf(id));

  async #load(): Promise<StoredKeys> {
    this.#known = (await this.#read()) ?? (await this.#make());
    return this.#known;
  }

  async #read(): Promise<StoredKeys | undefined> {
    const found = await bounded(this.#document.get());
    if (!found.exists) return undefined;
    try {
      const secrets = Object.values(mapIn(found.get("secrets"))).map(hashIn);
      const byId = new Map(secrets.map(redactionKeyOf).map((key) => [hexOf(key.id), key]));
      const own = byId.get(textIn(found.get("own")));
      if (own === undefined) throw new Error("the store's own key was expected");
      return { own, byId };
    } catch (cause) {
      throw new StoreFaultError("STORE_DAMAGED", "keys/redactions is not as it was stored", { cause });
    }
  }

  async #make(): Promise<StoredKeys> {
    const own = newRedactionKey();
    const id = hexOf(own.id);
    try {
      await bounded(this.#document.create({ own: id, secrets: { [id]: own.secret } }));
    } catch (error) {
      // Another instance was first, or this one and its answer was lost.
      if (codeOf(error) !== alreadyExists) throw error;
    }
    const stored = await this.#read();
    if (stored === undefined) throw new Error("keys/redactions was removed");
    return stored;
  }
}

function hexOf(id: Uint8Array): string {
  return Buffer.from(id).toString("hex");
}
