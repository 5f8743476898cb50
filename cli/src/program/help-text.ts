import { ancestorFlags } from "../ancestor/go-flags.ts";
import { exitCodesHelp } from "./exit-code.ts";

/** What the full help says after the commands and the options. */
export const helpAfter = `
The flags of the ancestor's client, for its contract and with its output:
${ancestorFlags}

${exitCodesHelp}

Environment:
  ACTIVITY_ADDRESS  where the service is, HOST:PORT; --address goes before it
  GOOGLE_CLOUD_PROJECT
                    the project of --service; --project goes before it
  NO_COLOR          no colours, whatever its value
`;
