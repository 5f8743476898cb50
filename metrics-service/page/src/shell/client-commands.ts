/** Address of the service that the client finds by itself. */
const defaultAddress = "127.0.0.1:50051";

/** Returns the client's flag for a service, `HOST:PORT`, with a space in front; nothing where it finds the service by itself. */
export function addressFlag(serviceAddress: string | undefined): string {
  return serviceAddress === undefined || serviceAddress === defaultAddress
    ? ""
    : ` --address ${shellWord(serviceAddress)}`;
}

/** Returns the service's address for a program that has no default of its own. */
export function addressOrDefault(serviceAddress: string | undefined): string {
  return shellWord(serviceAddress ?? defaultAddress);
}

/** Returns the flag that names a deployment. */
export function deploymentFlag(deploymentId: string): string {
  // An id may begin with a dash, so the flag and its value are one word.
  return `--deployment-id${deploymentId.startsWith("-") ? "=" : " "}${shellWord(deploymentId)}`;
}

interface AddOptions {
  /** `HOST:PORT`; unset if the page does not know it. */
  readonly serviceAddress: string | undefined;
  readonly deploymentId?: string;
}

/** Returns the command that records the start of a deployment: what to type where nothing was recorded yet. */
export function startCommand({ serviceAddress, deploymentId = "release-1" }: AddOptions): string {
  return `npm run -s client --${addressFlag(serviceAddress)} add \\
  ${deploymentFlag(deploymentId)} --type deployment.started \\
  --service api --environment production --revision 1.0.0`;
}

/** Returns the command that records a success: what to type where nothing was finished yet. */
export function successCommand({ serviceAddress, deploymentId = "release-1" }: AddOptions): string {
  return `npm run -s client --${addressFlag(serviceAddress)} add \\
  ${deploymentFlag(deploymentId)} --type deployment.finished --outcome success \\
  --service api --environment production`;
}

/** Quotes a word for a POSIX shell, if it needs it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9._:/=@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
