import { linkTarget } from "../text/link-target.ts";

/** Two commits to compare. */
interface Commits {
  readonly from: string;
  readonly to: string;
}

/**
 * Returns the page that compares two commits, on the host that one of these addresses names: GitHub, GitLab, Bitbucket, Gitea and
 * Forgejo, and servers of these whose host or paths show it. Undefined if no address does, or if a commit is no name of one.
 */
export function compareLink(addresses: readonly (string | undefined)[], { from, to }: Commits): URL | undefined {
  if (from === to || !isCommit(from) || !isCommit(to)) return undefined;
  for (const address of addresses) {
    const url = linkTarget(address);
    const path = url && comparePath(url, { from, to });
    if (path !== undefined) return new URL(path, url?.origin);
  }
  return undefined;
}

/** A hash, tag or branch without characters that mean something in a path. */
function isCommit(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && !name.includes("..");
}

function comparePath({ hostname, pathname }: URL, { from, to }: Commits): string | undefined {
  const parts = pathname.split("/").filter((part) => part !== "");
  const [owner, repository] = parts;
  // GitLab puts /-/ between a project, in any number of groups, and what belongs to it.
  const separator = parts.indexOf("-");
  if (separator >= 2) return `/${parts.slice(0, separator).join("/")}/-/compare/${from}...${to}`;
  if (owner === undefined || repository === undefined) return undefined;
  const project = `/${owner}/${repository.replace(/[.]git$/, "")}`;
  if (isAt(hostname, "gitlab")) return `/${parts.join("/").replace(/[.]git$/, "")}/-/compare/${from}...${to}`;
  if (isAt(hostname, "bitbucket")) return `${project}/branches/compare/${to}%0D${from}`;
  const isLikeGitHub = ["github", "gitea", "forgejo", "codeberg"].some((name) => isAt(hostname, name));
  return isLikeGitHub ? `${project}/compare/${from}...${to}` : undefined;
}

/** `github.com` and `github.example.org`, but not `github-mirror.example.org`. */
function isAt(hostname: string, name: string): boolean {
  return hostname.split(".")[0] === name;
}
