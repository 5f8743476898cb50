import { visibleText } from "../text/visible-text.ts";

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly name: string }[];
  readonly onChange: (value: string) => void;
}

/** One condition of a filter. Shows a value that is not among the options, too: a link may name one that is gone. */
export function Choice({ label, value, options, onChange }: ChoiceProps) {
  const isListed = options.some((option) => option.value === value);
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChange(currentTarget.value)}>
        {isListed ? null : <option value={value}>{visibleText(value)}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {visibleText(option.name)}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Options for all and for each of these values. */
export function allOr(values: Iterable<string>): ChoiceProps["options"] {
  return [{ value: "", name: "all" }, ...[...values].map((value) => ({ value, name: value }))];
}
