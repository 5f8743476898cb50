/** Describes a difference between stored and acknowledged events. */
export function countFaults(acknowledged: number, stored: number): readonly string[] {
  return stored === acknowledged ? [] : [`${acknowledged} events were acknowledged, ${stored} are stored`];
}
