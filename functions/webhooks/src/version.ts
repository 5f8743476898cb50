import packageJson from "../package.json" with { type: "json" };

/** Commit of a bundle; the bundler defines it. */
declare const bundledCommit: string | undefined;

/** Version of the webhooks. */
export const { version } = packageJson;

/** Version and, in a bundle, commit: `0.1.0 (e4bfb33…)`. */
export const build = typeof bundledCommit === "string" ? `${version} (${bundledCommit})` : version;
