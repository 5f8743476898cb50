/**
 * What a handler of `serve-faults.ts` can be told to do, with the reasons that its call may end with. Undefined: the call may
 * end OK, since its answer was on the way when the fault came.
 */
export const faults = {
  "throws an error": ["INTERNAL_FAULT"],
  "throws nothing": ["INTERNAL_FAULT"],
  "throws a text": ["INTERNAL_FAULT"],
  "refuses with half a pair": ["EVENT_NOT_FOUND"],
  "refuses and cannot say why": ["INTERNAL_FAULT"],
  "answers nothing": ["INTERNAL_FAULT"],
  "answers another message": ["INTERNAL_FAULT"],
  "cannot be logged": ["INTERNAL_FAULT", undefined],
  "refuses and cannot be logged": ["INTERNAL_FAULT"],
} as const;

export type Fault = keyof typeof faults;
