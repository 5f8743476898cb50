import { type CompletedFlag, type CompletionWords, pathsOf, type Values, valuedForms } from "./completion-words.ts";

/** Makes the script for fish. */
export function fishScript(words: CompletionWords): string {
  const { commands, globalFlags } = words;
  const lines = commands.flatMap(({ path, commands: inner, flags, argument }) => {
    const here = `complete -c activity_client -n ${quoted(`__activity_client_at ${quoted(path)}`)}`;
    const names = inner.map(({ name, description }) => `${here} -a ${name} -d ${quoted(description)}`);
    const values = valuesText(argument);
    const all = inner.length > 0 || values === undefined ? names : [`${here} ${values}`];
    return [...all, ...flags.map((flag) => flagLine(here, flag))];
  });
  return `function __activity_client_at
  set -l command
  set -l skipped
  for word in (commandline -opc)[2..-1]
    if set -q skipped[1]
      set -e skipped[1]
    else if contains -- $word ${valuedForms(words).join(" ")}
      set skipped 1
    else if contains -- (string join -- ' ' $command $word) ${pathsOf(words).map(quoted).join(" ")}
      set -a command $word
    end
  end
  test "$command" = "$argv[1]"
end

function __activity_client_contexts
  set -l program (commandline -opc)[1]
  $program context list 2>/dev/null | string replace -r '\\t.*' ''
end

complete -c activity_client -f
${[...lines, ...globalFlags.map((flag) => flagLine("complete -c activity_client", flag))].join("\n")}
`;
}

function flagLine(begin: string, { forms, description, values }: CompletedFlag): string {
  const flags = forms.map((form) => (form.startsWith("--") ? `-l ${form.slice(2)}` : `-s ${form.slice(1)}`));
  const expected = values === undefined ? [] : values.kind === "files" ? ["-r -F"] : ["-x", valuesText(values) ?? ""];
  return [begin, ...flags, ...expected, "-d", quoted(description)].filter((part) => part !== "").join(" ");
}

function valuesText(values: Values): string | undefined {
  if (values.kind === "words") return `-a ${quoted(values.words.join(" "))}`;
  if (values.kind === "programs") return `-a ${quoted("(__fish_complete_command)")}`;
  return values.kind === "contexts" ? `-a ${quoted("(__activity_client_contexts)")}` : undefined;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
