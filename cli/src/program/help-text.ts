import { ancestorFlags } from "../ancestor/go-flags.ts";
import { exitCodesHelp } from "./exit-code.ts";

/** The end of the full help, after commands and options. */
export const helpAfter = `
Flags of the ancestor's client (same contract, same output):
${ancestorFlags}
${exitCodesHelp}

Environment:
  ACTIVITY_ADDRESS      address of the service, HOST:PORT; --address and
                        --context override it
  ACTIVITY_CONTEXT      context to connect by; ACTIVITY_ADDRESS overrides it
  ACTIVITY_DEPLOYMENT_ID
                        deployment that add and run record to, if no flag
                        says; run sets it for its command
  DATA_DIR              folder of a service on this machine; the commands of
                        admins send the token in its file admin-token, and
                        verify, too, unless there are other credentials
  GOOGLE_CLOUD_PROJECT  project of --run-service; --project overrides it
  NO_COLOR              any value turns colours off
`;
