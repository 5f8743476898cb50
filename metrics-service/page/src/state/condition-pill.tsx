import type { ComponentChildren } from "preact";
import { type Condition, conditionWords } from "./condition.ts";
import { ConditionIcon } from "./condition-icon.tsx";

interface ConditionPillProps {
  readonly condition: Condition;
  /** Text after the word. */
  readonly children?: ComponentChildren;
}

/** A condition by shape, word and colour. */
export function ConditionPill({ condition, children }: ConditionPillProps) {
  return (
    <span class={`pill pill-${condition}`}>
      <ConditionIcon shape={condition} />
      <span>
        {conditionWords[condition]}
        {children === undefined ? null : <> {children}</>}
      </span>
    </span>
  );
}
