import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import type { LogLine } from "@activity-events/testing/service-process";
import { expect, test } from "@jest/globals";
import { newDeploymentId, newEvent } from "./new-event.ts";
import { framed, RawConnection } from "./raw-connection.ts";
import { type StartedService, startService } from "./start-service.ts";
import { fileInVolume, renamedFile } from "./swapped-file.ts";

const { createEvent, streamEvents } = ActivityEventsService.method;

test.concurrent.each([
  ["in a volume of Kubernetes that is swapped", fileInVolume],
  ["that is renamed over", renamedFile],
])(
  "a settings file %s changes the log's level and the heartbeats of later streams, without a restart",
  async (_, swappedFile) => {
    using file = swappedFile("LOG_LEVEL: info\nHEARTBEAT_SECONDS: 120\n");
    await using service = await startService({ CONFIG_FILE: file.path });
    const streamBefore = await follow(service);
    const openedBefore = await openedOnTheWire(service);

    file.replace("LOG_LEVEL: warn\nHEARTBEAT_SECONDS: 1\n");
    const read = await configLine(service, "CONFIG_READ", 1);
    const unseen = await record(service);
    const openedAfter = await openedOnTheWire(service);
    const streamAfter = await follow(service);
    await streamAfter.until(({ frame }) => frame.case === "heartbeat");
    file.replace("LOG_LEVEL: info\nHEARTBEAT_SECONDS: 1\n");
    await configLine(service, "CONFIG_READ", 2);
    const seen = await record(service);
    await service.process.line(({ deployment }) => deployment === seen);
    service.process.kill("SIGTERM");

    expect(read).toMatchObject({
      severity: "INFO",
      config_file: file.path,
      changed: ["LOG_LEVEL", "HEARTBEAT_SECONDS"],
      message: "read the changed settings",
    });
    expect(read).not.toHaveProperty("restart_for");
    expect(service.process.log.filter(({ deployment }) => deployment === unseen)).toEqual([]);
    expect([openedBefore, openedAfter]).toEqual([openedWithHeartbeatSeconds(120), openedWithHeartbeatSeconds(1)]);
    // What was opened before keeps the interval that it announced.
    expect((await streamBefore.rest()).map(({ frame }) => frame.case)).toEqual(["goaway"]);
  },
);

test.concurrent("a setting that is not live is named as needing a restart, and a bad file changes nothing", async () => {
  using file = renamedFile("HEARTBEAT_SECONDS: 7\n");
  await using service = await startService({ CONFIG_FILE: file.path, POKE_TOPIC: "of-the-environment" });

  file.replace("HEARTBEAT_SECONDS: 0\nLOG_LEVEL: warn\n");
  const refused = await configLine(service, "CONFIG_REFUSED", 1);
  const openedThen = await openedOnTheWire(service);
  file.replace("HEARTBEAT_SECONDS: 5\nHOST: 127.0.0.2\nPOKE_TOPIC: of-the-file\n");
  const read = await configLine(service, "CONFIG_READ", 1);
  const openedNow = await openedOnTheWire(service);

  expect(refused).toMatchObject({
    severity: "ERROR",
    faults: [`${file.path}:1:1: HEARTBEAT_SECONDS must be an integer from 1 to 3600; found "0"`],
    message: "refused the changed settings; the earlier ones stay in force",
  });
  expect(openedThen).toEqual(openedWithHeartbeatSeconds(7));
  expect(read).toMatchObject({
    severity: "WARNING",
    changed: ["HEARTBEAT_SECONDS"],
    restart_for: ["HOST"],
    overridden: ["POKE_TOPIC"],
    message: "read the changed settings; some need a restart",
  });
  expect(openedNow).toEqual(openedWithHeartbeatSeconds(5));
});

/** Waits for the n-th line of this code. */
async function configLine({ process }: StartedService, code: string, nth: number): Promise<LogLine | undefined> {
  const lines = () => process.log.filter((line) => line.code === code);
  await process.line(() => lines().length >= nth);
  return lines()[nth - 1];
}

/** Records an event and returns its deployment, which its line in the log names. */
async function record({ client }: StartedService): Promise<string> {
  const event = newEvent();
  await client.call(createEvent, { event });
  return event.deploymentId;
}

async function follow({ client }: StartedService) {
  const stream = client.stream(streamEvents, { deploymentId: newDeploymentId(), follow: true });
  await stream.until(({ frame }) => frame.case === "caughtUp");
  return stream;
}

/** First message of a stream, as it stands on the wire: opened {heartbeat_interval {seconds}}, since the cursor is 0. */
function openedWithHeartbeatSeconds(seconds: number): Buffer {
  return Buffer.from([0x0a, 4, 0x12, 2, 0x08, seconds]);
}

/** Opens a stream with nothing but Node's HTTP/2 and returns the first message. */
async function openedOnTheWire({ address }: StartedService): Promise<Buffer | undefined> {
  await using connection = new RawConnection(address);
  const id = Buffer.from(newDeploymentId());
  const request = framed(Buffer.from([0x0a, id.length, ...id, 0x18, 1]));
  const path = "/activityevents.v1.ActivityEventsService/StreamEvents";
  const { messages } = await connection.call(path, [request], { messagesMax: 1 });
  return messages[0];
}
