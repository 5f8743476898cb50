/** Share of the letter pairs that two names must have in common to be taken for the same one. */
const alikeMin = 0.4;

/** Returns the name that is most like a text, by the letter pairs that both have; undefined if none is. */
export function nearestName(text: string, names: readonly string[]): string | undefined {
  const wanted = letterPairs(text);
  const [nearest] = names
    .map((name) => ({ name, likeness: likeness(wanted, letterPairs(name)) }))
    .sort((one, other) => other.likeness - one.likeness);
  return nearest !== undefined && nearest.likeness >= alikeMin ? nearest.name : undefined;
}

function letterPairs(text: string): ReadonlySet<string> {
  const letters = text.toUpperCase().replaceAll(/[^A-Z]/g, "");
  return new Set(Array.from(letters.slice(1), (letter, at) => `${letters[at]}${letter}`));
}

/** Returns how much of both sets is in both, from 0 to 1. */
function likeness(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const both = [...one].filter((pair) => other.has(pair)).length;
  return both === 0 ? 0 : (2 * both) / (one.size + other.size);
}
