/** What is wrong when a server holds another number of events than it acknowledged. */
export function countFaults(acknowledged: number, stored: number): readonly string[] {
  return stored === acknowledged ? [] : [`${acknowledged} events were acknowledged, ${stored} are stored`];
}
