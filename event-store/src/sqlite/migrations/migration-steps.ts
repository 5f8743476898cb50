import type { MigrationStep } from "./migration.ts";
import { toSchema4 } from "./to-schema-4.ts";
import { toSchema5 } from "./to-schema-5.ts";

/** Steps, by the version that each produces. */
export const migrationSteps: Readonly<Record<number, MigrationStep>> = { 4: toSchema4, 5: toSchema5 };
