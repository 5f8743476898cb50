import type { Deployment, DeploymentCursor, EventStore, ReadDeployments } from "@activity-events/event-store";

/** Yields the pages of a list of deployments to its end; reads each on demand. */
export async function* deploymentPages(
  store: Pick<EventStore, "readDeployments">,
  asked: Omit<ReadDeployments, "cursor">,
): AsyncGenerator<readonly Deployment[], void, void> {
  let cursor: DeploymentCursor | undefined;
  do {
    const page = await store.readDeployments({ ...asked, cursor });
    yield page.deployments;
    cursor = page.next;
  } while (cursor !== undefined);
}
