// Strings, punctuation and other values. Valid JSON has no other tokens.
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs;

/** A member of a JSON object: its name and its value's source text. */
export type JsonMember = readonly [name: string, source: string];

/**
 * Lists the members of a JSON object in order, including those of equal names, of which JSON.parse keeps one. Returns
 * undefined if the text is not a JSON object.
 */
export function jsonMembers(text: string): JsonMember[] | undefined {
  if (!isObject(text)) return undefined;
  const members: JsonMember[] = [];
  let depth = 0;
  let name: string | undefined;
  let valueStart = 0;
  for (const { 0: mark, index } of text.matchAll(token)) {
    if (depth === 1 && name !== undefined && (mark === "," || mark === "}")) {
      members.push([name, text.slice(valueStart, index).trim()]);
      name = undefined;
    } else if (depth === 1 && name === undefined && mark.startsWith('"')) {
      name = JSON.parse(mark) as string;
    } else if (depth === 1 && mark === ":") valueStart = index + 1;
    if (mark === "{" || mark === "[") depth += 1;
    if (mark === "}" || mark === "]") depth -= 1;
  }
  return members;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
