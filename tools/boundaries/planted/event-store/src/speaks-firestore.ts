// caught by: firestore-stays-in-its-adapter
import { Firestore } from "@google-cloud/firestore";

export const documents = Firestore;
