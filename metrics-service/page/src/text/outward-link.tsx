import type { ComponentChildren } from "preact";
import { EventText } from "./event-text.tsx";
import { linkTarget } from "./link-target.ts";

/** Longest name of a link, in characters: two lines or three. */
const nameCharactersMax = 100;

interface OutwardLinkProps {
  readonly address: string;
  /** Text of the link; by default its host and path. */
  readonly children?: ComponentChildren;
}

/** Link from an event to another site, in a tab of its own; plain text if it is none of http or https. */
export function OutwardLink({ address, children }: OutwardLinkProps) {
  const url = linkTarget(address);
  if (url === undefined) return <EventText text={address} />;
  return (
    <a href={url.href} target="_blank" rel="noopener noreferrer nofollow" title={url.href}>
      {children ?? <EventText text={nameOf(url)} />}
      <span class="outward" aria-hidden="true">
        {"\u00a0↗"}
      </span>
      <span class="unseen"> (opens in a new tab)</span>
    </a>
  );
}

function nameOf({ host, pathname }: URL): string {
  const name = `${host}${pathname === "/" ? "" : pathname}`;
  return name.length > nameCharactersMax ? `${name.slice(0, nameCharactersMax)}…` : name;
}
