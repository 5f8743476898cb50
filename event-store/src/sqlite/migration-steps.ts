import { addChecksums } from "./add-checksums.ts";
import type { MigrationStep } from "./migration.ts";

/** The steps by the version that each leads to. */
export const migrationSteps: Readonly<Record<number, MigrationStep>> = { 4: addChecksums };
