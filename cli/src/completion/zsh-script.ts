import { type CompletedFlag, type CompletionWords, pathsOf, type Values, valuedForms } from "./completion-words.ts";

/** Makes the script for zsh. It works in a folder of `fpath` and when it is sourced. */
export function zshScript(words: CompletionWords): string {
  const { commands, globalFlags } = words;
  const ofValues = [
    ...commands.flatMap(({ path, flags }) => flags.map((flag) => valueCase(`"${path} `, flag))),
    ...globalFlags.map((flag) => valueCase('*" ', flag)),
  ];
  const ofCommands = commands.map(({ path, commands: inner, flags, argument }) => {
    const names = inner.map(({ name, description }) => `      ${described(name, description)}`);
    const body = names.length > 0 ? `subcommands=(\n${names.join("\n")}\n    )` : `ask() { ${action(argument)} }`;
    const own = flags.flatMap(flagLines).map((line) => `      ${line}`);
    return `    ("${path}") ${body}${own.length > 0 ? `\n    flags+=(\n${own.join("\n")}\n    )` : ""} ;;`;
  });
  return `#compdef activity_client

_activity_client_contexts() {
  local -a contexts=(\${(f)"$("\${(Q)words[1]/#\\~/$HOME}" context list 2>/dev/null | cut -f1)"})
  compadd -- $contexts
}

_activity_client() {
  local command="" skipped="" word current="\${words[CURRENT]}" previous="\${words[CURRENT-1]}"
  local -a subcommands flags
  for word in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $skipped ]]; then skipped=""; continue; fi
    case "$word" in (${valuedForms(words).join("|")}) skipped=1; continue ;; esac
    case "\${command:+$command }$word" in
      (${pathsOf(words)
        .map((path) => `"${path}"`)
        .join("|")}) command="\${command:+$command }$word" ;;
    esac
  done
  if [[ $current == --*=* ]]; then
    previous="\${current%%=*}"
    compset -P '*='
  fi
  case "$command $previous" in
${ofValues.filter((line) => line !== "").join("\n")}
  esac
  flags=(
${globalFlags
  .flatMap(flagLines)
  .map((line) => `    ${line}`)
  .join("\n")}
  )
  ask() { return 1 }
  case "$command" in
${ofCommands.join("\n")}
  esac
  if [[ $current == -* ]]; then
    _describe -o flag flags
  elif (( $#subcommands > 0 )); then
    _describe command subcommands
  else
    ask || _describe -o flag flags
  fi
}

if [[ $funcstack[1] == _activity_client ]]; then
  _activity_client "$@"
else
  compdef _activity_client activity_client
fi
`;
}

function flagLines({ forms, description }: CompletedFlag): readonly string[] {
  return forms.map((form) => described(form, description));
}

function described(word: string, description: string): string {
  return `'${`${word}:${description}`.replaceAll("'", "'\\''")}'`;
}

/** A branch for what stands behind a flag; empty if the flag takes no value. */
function valueCase(begin: string, { forms, values }: CompletedFlag): string {
  if (values === undefined) return "";
  return `    (${forms.map((form) => `${begin}${form}"`).join("|")}) ${action(values)} return ;;`;
}

function action(values: Values): string {
  switch (values.kind) {
    case "words":
      return `compadd -- ${values.words.join(" ")};`;
    case "files":
      return "_files;";
    case "programs":
      return "_command_names; _files;";
    case "contexts":
      return "_activity_client_contexts;";
    case "text":
      return "return 1;";
  }
}
