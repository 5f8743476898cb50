// caught by: sqlite-stays-in-its-adapter
export const sqlite = process.getBuiltinModule("node:sqlite");
