import { Firestore } from "@google-cloud/firestore";

export const firestoreStore = Firestore;
