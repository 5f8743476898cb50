import { addressFlag, addressOrDefault, deploymentFlag, shellWord } from "../shell/client-commands.ts";

interface CommandsOptions {
  readonly deploymentId: string;
  /** `HOST:PORT` of the service; unset if the page does not know it. */
  readonly serviceAddress: string | undefined;
}

/** Commands that show a deployment in a terminal, each with its purpose. */
export function commandsFor({ deploymentId, serviceAddress }: CommandsOptions) {
  const flag = deploymentFlag(deploymentId);
  const client = `activity_client${addressFlag(serviceAddress)}`;
  const request = shellWord(JSON.stringify({ deployment_id: deploymentId, follow: true }));
  const address = addressOrDefault(serviceAddress);
  const method = "activityevents.v1.ActivityEventsService/StreamEvents";
  return [
    { purpose: "Follow it", command: `${client} tail \\\n  ${flag}` },
    { purpose: "List its events", command: `${client} list \\\n  ${flag}` },
    { purpose: "Over gRPC", command: `grpcurl -plaintext \\\n  -d ${request} \\\n  ${address} \\\n${method}` },
  ] as const;
}
