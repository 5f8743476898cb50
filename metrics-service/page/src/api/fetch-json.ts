/** Reads an answer of the page's own server; throws its message if it is a refusal. */
export async function fetchJson<T>(path: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal, headers: { accept: "application/json" } });
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw new Error(messageOf(body) ?? `The server answers ${response.status}`);
  return body as T;
}

function messageOf(body: unknown): string | undefined {
  const { error } = (body ?? {}) as { readonly error?: { readonly message?: string } };
  return error?.message;
}
