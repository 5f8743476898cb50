import { createContext } from "preact";
import { useContext, useState } from "preact/hooks";

/** Parts of the timeline that the reader opened, by key: a row that scrolls away and back stays as it was. */
export const OpenParts = createContext<Set<string>>(new Set());

/** Returns whether a part is open, and the function that opens or closes it. */
export function useOpen(key: string): readonly [boolean, (isOpen: boolean) => void] {
  const parts = useContext(OpenParts);
  const [isOpen, setOpen] = useState(parts.has(key));
  const change = (open: boolean) => {
    if (open) parts.add(key);
    else parts.delete(key);
    setOpen(open);
  };
  return [isOpen, change];
}
