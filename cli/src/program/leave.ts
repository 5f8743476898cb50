/**
 * Ends the program now. A lookup of a name or a read of a file that hangs would hold up the exit by Node: it joins its threads. Replacing
 * the process by a shell that only exits holds up nothing.
 */
export function leave(exitCode: number): void {
  const hasPending = process.getActiveResourcesInfo().some((kind) => /^(GetAddrInfo|GetNameInfo|FSReq)/.test(kind));
  const { execve } = process as { readonly execve?: (file: string, args: readonly string[]) => never };
  if (hasPending && execve !== undefined && process.platform !== "win32") {
    try {
      process.removeAllListeners("warning");
      execve("/bin/sh", ["sh", "-c", `exit ${exitCode}`]);
    } catch {
      // There is no such shell.
    }
  }
  process.exit(exitCode);
}
