/**
 * Whether the Firestore emulator at `host` commits a write. Its first commit takes a second, or ten on a busy machine, and
 * would use up the time of whoever made it; a plain GET is answered long before.
 */
export async function firestoreCommits(host: string): Promise<boolean> {
  // In a project that nobody else uses.
  const database = "projects/demo-first-commit/databases/(default)";
  try {
    const response = await fetch(`http://${host}/v1/${database}/documents:commit`, {
      method: "POST",
      // The emulator's word for one who may do everything.
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
