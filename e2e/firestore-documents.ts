type Value = Readonly<Record<"stringValue" | "integerValue", string | undefined>>;

/** The fields of a document, as Firestore's REST interface writes them. */
export type Fields = Readonly<Record<string, Value | undefined>>;

interface Page {
  readonly documents?: readonly { readonly name: string; readonly fields?: Fields }[];
  readonly nextPageToken?: string;
}

/** Reads all documents of a collection, such as `deployments/d/events`, behind the store's back: fields by document id. */
export async function readDocuments(projectId: string, collection: string): Promise<ReadonlyMap<string, Fields>> {
  const documents = `projects/${projectId}/databases/(default)/documents`;
  const url = `http://${process.env.FIRESTORE_EMULATOR_HOST}/v1/${documents}/${collection}`;
  const found = new Map<string, Fields>();
  let pageToken = "";
  do {
    // As the emulator's owner, to whom no rules apply.
    const headers = { authorization: "Bearer owner" };
    const response = await fetch(`${url}?pageSize=300&pageToken=${encodeURIComponent(pageToken)}`, { headers });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as Page;
    for (const { name, fields = {} } of page.documents ?? []) found.set(name.slice(name.lastIndexOf("/") + 1), fields);
    pageToken = page.nextPageToken ?? "";
  } while (pageToken !== "");
  return found;
}

/** How far the mirror says it is, by deployment. */
export async function readMirrored(projectId: string): Promise<ReadonlyMap<string, number>> {
  const mirrors = await readDocuments(projectId, "mirrors");
  return new Map([...mirrors].map(([id, fields]) => [id, Number(fields.mirrored_sequence?.integerValue)]));
}
