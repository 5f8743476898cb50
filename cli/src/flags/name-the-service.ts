// Those of the program's own flags that come with a value.
const withValue = new Set([
  "--address",
  "--audience",
  "--project",
  "--region",
  "--run-service",
  "--service",
  "--timeout",
]);

/**
 * The arguments with `--service`, where it stands before the command, in its long form `--run-service`: there it names the
 * service on Cloud Run, while behind `add` and `deployments` it is what was rolled out.
 */
export function nameTheService(args: readonly string[]): string[] {
  const renamed = [...args];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (!arg.startsWith("-")) break;
    renamed[index] = arg.replace(/^--service(?==|$)/, "--run-service");
    if (withValue.has(arg)) index += 1;
  }
  return renamed;
}
