import type { DeploymentId } from "@activity-events/event-store";
import { protos } from "@google-cloud/pubsub";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { expect, test } from "@jest/globals";
import { openPokePublisher } from "../src/pubsub/poke-publisher.ts";

const { PublishRequest, PublishResponse } = protos.google.pubsub.v1;

test("pokes go to the endpoint that is set", async () => {
  const published: string[] = [];
  const server = new Server();
  const raw = (bytes: Buffer) => bytes;
  const publish = {
    path: "/google.pubsub.v1.Publisher/Publish",
    requestStream: false as const,
    responseStream: false as const,
    requestSerialize: raw,
    requestDeserialize: raw,
    responseSerialize: raw,
    responseDeserialize: raw,
  };
  server.addService(
    { publish },
    {
      publish: ({ request }: { request: Buffer }, answer: (error: null, bytes: Buffer) => void) => {
        const { topic, messages } = PublishRequest.decode(request);
        published.push(...messages.map(({ data, orderingKey }) => `${topic} ${orderingKey} ${data}`));
        answer(null, Buffer.from(PublishResponse.encode({ messageIds: messages.map(() => "1") }).finish()));
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const failures: Error[] = [];
  const poker = openPokePublisher({
    projectId: "my-project",
    topic: "activity-pokes",
    endpoint: `127.0.0.1:${port}`,
    onFailure: (_deploymentId, error) => failures.push(error),
  });

  poker.poke("release-42" as DeploymentId);
  await poker.close();
  server.forceShutdown();

  expect(failures).toEqual([]);
  expect(published).toEqual([
    'projects/my-project/topics/activity-pokes release-42 {"kind":"poke","deploymentId":"release-42"}',
  ]);
});
