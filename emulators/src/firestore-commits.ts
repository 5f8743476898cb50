/**
 * Makes the Firestore emulator at `host` commit a write; tells whether it did. Its first commit takes a second, or ten on a
 * busy machine, and would use up a caller's time limit. It answers a plain GET much earlier.
 */
export async function firestoreCommits(host: string): Promise<boolean> {
  // A project for this purpose only.
  const database = "projects/demo-first-commit/databases/(default)";
  try {
    const response = await fetch(`http://${host}/v1/${database}/documents:commit`, {
      method: "POST",
      // The emulator's token for full access.
      headers: { authorization: "Bearer owner", "content-type": "application/json" },
      body: JSON.stringify({ writes: [{ update: { name: `${database}/documents/first/commit`, fields: {} } }] }),
      signal: AbortSignal.timeout(60_000),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
