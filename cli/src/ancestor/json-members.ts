// Texts, marks and the rest, one behind the other: of a text that JSON.parse takes, these are all there is.
const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs;

/** A member of a JSON object: its name, and its value as it is written. */
export type JsonMember = readonly [name: string, source: string];

/**
 * The members of a JSON object in their order, those of equal names too, of which JSON.parse keeps one. Undefined: the text is
 * no JSON, or something else than an object.
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
