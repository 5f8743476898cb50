import { DeploymentSchema } from "@activity-events/client";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "@jest/globals";
import { limits } from "../src/limits.ts";
import { CollectionSubscription } from "../src/live/collection-subscription.ts";
import { HeldDeployments } from "../src/watch/held-deployments.ts";

/** A subscription whose socket has room when the test says so, and what was sent. */
function open() {
  const collection = new HeldDeployments(100_000);
  const socket = { hasRoom: true };
  const sent: string[] = [];
  const port = {
    get hasRoom() {
      return socket.hasRoom;
    },
    send: (fields: string) => sent.push(fields),
    end: () => {},
  };
  const filter = { environment: undefined, service: undefined, state: undefined, createTimeFromUs: 0 };
  const subscription = new CollectionSubscription({
    collection,
    filter,
    port,
    isListed: () => true,
    damaged: [],
    mayRead: (deploymentId) => deploymentId !== "hidden",
    onClose: () => {},
  });
  subscription.pump();
  const kinds = () => sent.map((fields) => fields.slice(1, fields.indexOf('"', 1)));
  return { collection, socket, sent, subscription, kinds };
}

function head(number: number, headSequence = 1n) {
  return create(DeploymentSchema, { deploymentId: `d${number}`, headSequence, createTime: timestampFromMs(number) });
}

test("a slow page is sent what a deployment is when it reads, not what it was", () => {
  const { collection, socket, sent, subscription, kinds } = open();
  collection.show([head(1)]);
  socket.hasRoom = false;

  for (let sequence = 2n; sequence <= 50n; sequence += 1n) collection.show([head(1, sequence)]);
  socket.hasRoom = true;
  subscription.pump();

  expect(kinds()).toEqual(["opened", "caughtUp", "deployments", "deployments"]);
  expect(sent.at(-1)).toContain('"headSequence":"50"');
});

test("a page that lacks too much falls behind, and gets a snapshot", () => {
  const { collection, socket, sent, subscription, kinds } = open();
  socket.hasRoom = false;

  const deployments = limits.dirtyDeploymentsMax + 1;
  collection.show(Array.from({ length: deployments }, (_, number) => head(number)));
  socket.hasRoom = true;
  subscription.pump();

  const frames = Math.ceil(deployments / limits.frameDeploymentsMax);
  expect(kinds()).toEqual(["opened", "caughtUp", "fellBehind", ...Array(frames).fill("deployments"), "caughtUp"]);
  expect(sent.join("").match(/"deploymentId"/g)).toHaveLength(deployments);
});

test("damaged heads are named, also to a page that comes later, but not to who may not read them", () => {
  const { collection, sent, subscription, kinds } = open();
  collection.noteDamaged(["d1", "hidden"]);
  subscription.showDamaged(collection.damaged);

  expect(kinds()).toEqual(["opened", "caughtUp", "damaged"]);
  expect(sent.at(-1)).toBe('"damaged":{"deploymentIds":["d1"]}');
  collection.show([head(1)]);
  expect(collection.damaged).toEqual(["hidden"]);
});
