import { type CompletedFlag, type CompletionWords, pathsOf, type Values, valuedForms } from "./completion-words.ts";

/** Makes the script for bash, from 3.2 on. */
export function bashScript(words: CompletionWords): string {
  const { commands, globalFlags } = words;
  const ofValues = [
    ...commands.flatMap(({ path, flags }) => flags.map((flag) => valueCase(`"${path} `, flag))),
    ...globalFlags.map((flag) => valueCase('*" ', flag)),
  ];
  const ofCommands = commands.map(({ path, commands: inner, flags, argument }) => {
    const names = inner.length > 0 ? `words="${inner.map(({ name }) => name).join(" ")}"` : assignment(argument);
    return `    "${path}") flags="${[...flags, ...globalFlags].flatMap(({ forms }) => forms).join(" ")}"; ${names} ;;`;
  });
  return `_activity_client_contexts() {
  "\${COMP_WORDS[0]/#\\~/$HOME}" context list 2>/dev/null | cut -f1
}

_activity_client() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command="" skipped="" word words="" flags="" files="" programs=""
  # The equals sign of --flag=value is a word of its own.
  if [[ $current == "=" ]]; then current=""; elif [[ $previous == "=" ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n $skipped ]]; then skipped=""; continue; fi
    case "$word" in ${valuedForms(words).join("|")}) skipped=1; continue ;; esac
    case "\${command:+$command }$word" in
      ${pathsOf(words)
        .map((path) => `"${path}"`)
        .join("|")}) command="\${command:+$command }$word" ;;
    esac
  done
  case "$command $previous" in
${ofValues.filter((line) => line !== "").join("\n")}
    *) case "$command" in
${ofCommands.join("\n")}
    esac ;;
  esac
  if [[ -n $files ]]; then
    compopt -o filenames 2>/dev/null
    # A name with spaces is one word.
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$current"))
    return
  fi
  if [[ -n $programs && $current != -* ]]; then
    COMPREPLY=($(compgen -c -f -- "$current"))
    return
  fi
  if [[ -n $flags && ( $current == -* || -z $words ) ]]; then words="$flags"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _activity_client activity_client
`;
}

/** A branch for what stands behind a flag; empty if the flag takes no value. */
function valueCase(begin: string, { forms, values }: CompletedFlag): string {
  if (values === undefined) return "";
  return `    ${forms.map((form) => `${begin}${form}"`).join("|")}) ${assignment(values)} ;;`;
}

function assignment(values: Values): string {
  switch (values.kind) {
    case "words":
      return `words="${values.words.join(" ")}"`;
    case "files":
      return "files=1";
    case "programs":
      return "programs=1";
    case "contexts":
      return 'words="$(_activity_client_contexts)"';
    case "text":
      return ":";
  }
}
