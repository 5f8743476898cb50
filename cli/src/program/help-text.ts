import { ancestorFlags } from "../ancestor/go-flags.ts";
import { exitCodesHelp } from "./exit-code.ts";

/** The end of the full help, after commands and options. */
export const helpAfter = `
Flags of the ancestor's client (same contract, same output):
${ancestorFlags}

${exitCodesHelp}

Environment:
  ACTIVITY_ADDRESS      address of the service, HOST:PORT; --address overrides it
  GOOGLE_CLOUD_PROJECT  project of --run-service; --project overrides it
  NO_COLOR              any value turns colours off
`;
