import type { JsonValue } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import { EventText } from "../text/event-text.tsx";
import { LongText } from "../text/long-text.tsx";
import { Unfolding } from "./unfolding.tsx";

/** Members of one level that are shown at once. */
const membersMax = 100;

interface DataTreeProps {
  readonly id: string;
  readonly value: JsonValue;
}

/** A JSON value as a tree. Levels below the first open on demand. */
export function DataTree({ id, value }: DataTreeProps) {
  const [shown, setShown] = useState(membersMax);
  const members = membersOf(value);
  if (members === undefined) return <Leaf value={value} />;
  return (
    <ul class="tree">
      {members.slice(0, shown).map(([name, member]) => (
        <li key={name}>
          <Member id={`${id}/${name}`} name={name} value={member} />
        </li>
      ))}
      {members.length > shown ? (
        <li>
          <button type="button" class="link" onClick={() => setShown(shown + membersMax)}>
            {(members.length - shown).toLocaleString("en")} more
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function Member({ id, name, value }: DataTreeProps & { readonly name: string }) {
  const members = membersOf(value);
  if (members === undefined || members.length === 0) {
    return (
      <>
        <span class="tree-name">
          <EventText text={name} />
        </span>{" "}
        <Leaf value={value} />
      </>
    );
  }
  const size = Array.isArray(value) ? `[${members.length}]` : `{${members.length}}`;
  return (
    <Unfolding
      id={id}
      summary={
        <>
          <span class="tree-name">
            <EventText text={name} />
          </span>{" "}
          <span class="muted">{size}</span>
        </>
      }
    >
      {() => <DataTree id={id} value={value} />}
    </Unfolding>
  );
}

function Leaf({ value }: { readonly value: JsonValue }) {
  if (typeof value === "string") {
    return (
      <span class="tree-string">
        <LongText text={value} />
      </span>
    );
  }
  return <span class="tree-value">{JSON.stringify(value)}</span>;
}

function membersOf(value: JsonValue): readonly (readonly [string, JsonValue])[] | undefined {
  if (value === null || typeof value !== "object") return undefined;
  return Object.entries(value) as [string, JsonValue][];
}
