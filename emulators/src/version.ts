import packageJson from "../package.json" with { type: "json" };

/** Version of the launcher. */
export const { version } = packageJson;
