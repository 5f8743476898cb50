import { useState } from "preact/hooks";
import { visibleText } from "../text/visible-text.ts";

interface CopyableCommandProps {
  readonly command: string;
  /** What it is good for. */
  readonly purpose: string;
}

/** A command, with a button that copies it. */
export function CopyableCommand({ command, purpose }: CopyableCommandProps) {
  const [isCopied, setCopied] = useState(false);
  // Only some pages may write to the clipboard: those of https and of this machine.
  const { clipboard } = navigator as { readonly clipboard?: Clipboard };
  const copy = () => clipboard?.writeText(command).then(() => setCopied(true));
  return (
    <div class="command">
      <p class="command-purpose">
        {purpose}
        {clipboard === undefined ? null : (
          <button type="button" onClick={copy} onBlur={() => setCopied(false)}>
            {isCopied ? "Copied" : "Copy"}
            <span class="unseen"> the command: {purpose}</span>
          </button>
        )}
      </p>
      <pre>
        <code>{visibleText(command)}</code>
      </pre>
    </div>
  );
}
