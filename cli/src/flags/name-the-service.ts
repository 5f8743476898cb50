// Global flags that take a value.
const withValue = new Set([
  "--address",
  "--audience",
  "--ca-file",
  "--project",
  "--region",
  "--run-service",
  "--service",
  "--timeout",
]);

/**
 * Replaces `--service` before the command with `--run-service`. There it names the service on Cloud Run; after `add` and
 * `deployments` it names the service that was rolled out.
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
