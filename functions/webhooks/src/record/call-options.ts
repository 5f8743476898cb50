/** Options of a call that may take until an end, in ms of the monotonic clock. */
export function callOptions(endMs: number): { readonly timeoutMs: number } {
  return { timeoutMs: Math.max(1, endMs - performance.now()) };
}
