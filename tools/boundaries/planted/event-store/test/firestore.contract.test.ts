// caught by: contract-test-runs-the-contract
import { firestoreStore } from "../src/firestore/store.ts";

export const opened = firestoreStore;
