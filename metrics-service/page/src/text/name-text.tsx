import { EventText } from "./event-text.tsx";

interface NameTextProps {
  readonly name: string | undefined;
  readonly of: "service" | "environment";
}

/** Name of a service or an environment, or that there is none. */
export function NameText({ name, of }: NameTextProps) {
  return name ? <EventText text={name} /> : <span class="muted">no {of}</span>;
}
