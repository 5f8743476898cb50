/** What a handler of `serve-faults.ts` can be told to do. */
export const faults = [
  "throws an error",
  "throws nothing",
  "throws a text",
  "refuses with half a pair",
  "refuses and cannot say why",
  "answers nothing",
  "answers another message",
  "cannot be logged",
  "refuses and cannot be logged",
] as const;

export type Fault = (typeof faults)[number];
