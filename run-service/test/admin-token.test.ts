import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ActivityEventsAdminService } from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { ActivityEventsService } from "@activity-events/proto/activityevents/v1/activity_events_service_pb.js";
import { ServiceProcess } from "@activity-events/testing/service-process";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import { openAdminToken } from "../src/admin-token-file.ts";
import { embedService } from "./embed-service.ts";
import { newEvent } from "./new-event.ts";
import { refusalOf } from "./read-refusal.ts";
import { type StartedService, startService } from "./start-service.ts";

const { deleteDeployment } = ActivityEventsAdminService.method;
const { createEvent, getEvent } = ActivityEventsService.method;

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

async function recorded({ client }: Pick<StartedService, "client">, options = {}): Promise<string> {
  const event = newEvent();
  await client.call(createEvent, { event }, options);
  return event.deploymentId;
}

describe("the file of the admin token", () => {
  test("is made once, for its owner alone, with 32 random bytes and nothing beside it", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "data", "admin-token");

    const { token, exposed } = await openAdminToken(path);
    const again = await openAdminToken(path);

    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(again).toEqual({ token, exposed: [] });
    expect(exposed).toEqual([]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
    expect(readdirSync(join(folder.path, "data"))).toEqual(["admin-token"]);
  });

  test("is the same for two that make it at the same time", async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "admin-token");

    const opened = await Promise.all(Array.from({ length: 8 }, () => openAdminToken(path)));

    expect(new Set(opened.map(({ token }) => token)).size).toBe(1);
    expect(readdirSync(folder.path)).toEqual(["admin-token"]);
  });

  test.each([0o640, 0o604])("is named when its mode is %o", async (mode) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "admin-token");
    await openAdminToken(path);
    chmodSync(path, mode);

    expect((await openAdminToken(path)).exposed).toEqual([{ path, mode: `0${mode.toString(8)}` }]);
  });

  test.each(["", "short\n", `${"x".repeat(44)}\n`])("is refused when it holds %j", async (text) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "admin-token");
    writeFileSync(path, text, { mode: 0o600 });

    await expect(openAdminToken(path)).rejects.toThrow(
      `${path} holds no admin token; remove it, and the next start makes a new one`,
    );
  });
});

describe("admin calls without an access file", () => {
  test("need the token of DATA_DIR, which outlives the service", async () => {
    using folder = temporaryFolder();
    const environment = { DATA_DIR: folder.path };
    const tokenOf = () => readFileSync(join(folder.path, "admin-token"), "utf8").trimEnd();
    let token: string;
    {
      await using service = await startService(environment);
      token = tokenOf();
      const deploymentId = await recorded(service);
      const call = (options = {}) => service.client.call(deleteDeployment, { deploymentId }, options);

      expect(await refusalOf(call())).toMatchObject({
        ...{ code: "UNAUTHENTICATED", reason: "CREDENTIALS_MISSING" },
        message: "admin calls need the token of the file admin-token in DATA_DIR, or ACCESS_FILE",
      });
      for (const wrong of ["x", `${token}x`, token.slice(1), token.toUpperCase()]) {
        expect(await refusalOf(call(bearer(wrong)))).toMatchObject({
          ...{ code: "UNAUTHENTICATED", reason: "CREDENTIALS_INVALID", metadata: { fault: "invalid" } },
        });
      }
      expect(await refusalOf(call({ headers: { authorization: token } }))).toMatchObject({
        reason: "CREDENTIALS_INVALID",
      });
      expect((await call(bearer(token))).alreadyDeleted).toBe(false);
      expect(service.process.output.join("\n")).not.toContain(token);
    }
    await using service = await startService(environment);

    expect(tokenOf()).toBe(token);
    const deploymentId = await recorded(service);
    expect((await service.client.call(deleteDeployment, { deploymentId }, bearer(token))).alreadyDeleted).toBe(false);
  });

  test("leave all other calls open, whatever token they bring", async () => {
    await using service = await embedService({ adminToken: "right" });

    for (const token of ["right", "wrong"]) {
      const deploymentId = await recorded(service, bearer(token));
      const { events } = await service.client.call(
        ActivityEventsService.method.listEvents,
        { deploymentId },
        bearer(token),
      );
      expect(events.map(({ principal }) => principal)).toEqual([""]);
    }
    const refused = service.client.call(
      getEvent,
      { deploymentId: "d", eventId: "e" },
      { headers: { authorization: "?" } },
    );
    expect((await refusalOf(refused)).reason).toBe("EVENT_NOT_FOUND");
  });

  test("are refused where a token cannot be, with what to do", async () => {
    await using service = await startService({ DATA_DIR: "" });
    const deploymentId = await recorded(service);

    const refused = await refusalOf(service.client.call(deleteDeployment, { deploymentId }, bearer("x")));

    expect(refused).toMatchObject({
      ...{ code: "PERMISSION_DENIED", reason: "PERMISSION_DENIED", metadata: { permission: "admin" } },
      message: "admin calls need ACCESS_FILE or DATA_DIR, where the admin token is then; this server has none",
    });
  });
});

test("a service warns of an admin token that others may read", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "admin-token");
  await openAdminToken(path);
  chmodSync(path, 0o644);
  await using service = await startService({ DATA_DIR: folder.path });

  const line = await service.process.line(({ code }) => code === "STORE_EXPOSED");

  expect(line).toMatchObject({ path, mode: "0644", severity: "WARNING" });
});

test("a service does not start with an admin token that is none", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "admin-token"), "");
  await using service = new ServiceProcess({ environment: { DATA_DIR: folder.path } });

  expect(await service.ended).toMatchObject({ code: 1 });
  expect(service.errors).toContain("holds no admin token");
});
