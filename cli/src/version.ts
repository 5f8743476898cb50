import manifest from "../package.json" with { type: "json" };

/** Written in by the bundler: the commit that it bundled. */
declare const bundledCommit: string | undefined;

/** The version of the client, as in its package.json. */
export const version: string = manifest.version;

/** The version and, in a bundle, its commit, such as `0.1.0 (e4bfb33…)`. */
export const build = typeof bundledCommit === "string" ? `${version} (${bundledCommit})` : version;
