import packageJson from "../package.json" with { type: "json" };

/** The version of the launcher. */
export const { version } = packageJson;
