import type { MigrationStep } from "./migration.ts";
import { toSchema4 } from "./to-schema-4.ts";

/** The steps by the version that each leads to. */
export const migrationSteps: Readonly<Record<number, MigrationStep>> = { 4: toSchema4 };
