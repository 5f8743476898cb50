import { randomBytes } from "node:crypto";
import type { Firestore } from "@google-cloud/firestore";
import { keyBytes } from "../page-token-key.ts";
import { bounded, codeOf, faultError } from "./faults.ts";
import { bytesIn } from "./stored-values.ts";

const alreadyExists = 6;

/** Returns the key for page tokens: of all instances the one that was stored first. */
export async function pageTokenKey(firestore: Firestore): Promise<Uint8Array> {
  const document = firestore.collection("keys").doc("page-tokens");
  const read = async () => {
    const found = await bounded(document.get());
    return found.exists ? bytesIn(found.data()?.key) : undefined;
  };
  try {
    const found = await read();
    if (found !== undefined) return found;
    const key = randomBytes(keyBytes);
    try {
      await bounded(document.create({ key }));
      return key;
    } catch (error) {
      if (codeOf(error) !== alreadyExists) throw error;
      return (await read()) ?? key;
    }
  } catch (error) {
    throw faultError(error);
  }
}
