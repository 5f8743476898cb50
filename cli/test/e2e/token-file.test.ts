import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startClosedService } from "@activity-events/testing/closed-service";
import { startRecordingFront } from "@activity-events/testing/recording-front";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { until } from "@activity-events/testing/until";
import { afterEach, expect, test } from "@jest/globals";
import { endClients, runClient, startClient } from "./running-client.ts";

afterEach(async () => {
  endClients();
  await cleanUp();
});

/** A service behind a front end that keeps the tokens, and a file with a token. */
async function recorded() {
  const { address: target } = await startService({ dataDir: temporaryFolder().path });
  const front = await startRecordingFront(target);
  const file = join(temporaryFolder().path, "token");
  writeFileSync(file, "first\n");
  return { front, file, args: ["--address", front.address, "--token-file", file] };
}

test("every call carries the token of the file, and tail a new one when it connects again", async () => {
  const { front, file, args } = await recorded();
  await using _ = front;
  await runClient({ args: [...args, "add", "--deployment-id", "d", "--message", "one"] });
  const tail = startClient({ args: [...args, "tail", "--deployment-id", "d", "--json"] });
  await until(() => tail.lines().length === 1, "the first event is shown");

  writeFileSync(file, "  second  \n");
  const before = front.authorizations.length;
  front.cut();
  await until(() => front.authorizations.length > before, "it connects again");
  await runClient({ args: [...args, "add", "--deployment-id", "d", "--message", "two"] });
  await until(() => tail.lines().length === 2, "the next event is shown");

  expect(new Set(front.authorizations.slice(0, before))).toEqual(new Set(["Bearer first"]));
  expect(new Set(front.authorizations.slice(before))).toEqual(new Set(["Bearer second"]));
});

test("a file that goes bad while the command runs is named", async () => {
  const { front, file, args } = await recorded();
  await using _ = front;
  await runClient({ args: [...args, "add", "--deployment-id", "d", "--message", "one"] });
  const tail = startClient({ args: [...args, "tail", "--deployment-id", "d", "--json"] });
  await until(() => tail.lines().length === 1, "the first event is shown");

  rmSync(file);
  front.cut();
  const { exitCode, errors } = await tail.ended;

  expect(exitCode).not.toBe(0);
  expect(errors).toContain(`UNAUTHENTICATED: ${file} does not exist`);
});

test("a bad file, and a token over plain text to another machine, are refused before anything is sent", async () => {
  const { front, file, args } = await recorded();
  await using _ = front;
  writeFileSync(file, "\n");

  const empty = await runClient({ args: [...args, "health"] });
  rmSync(file);
  const gone = await runClient({ args: [...args, "health"] });
  writeFileSync(file, "secret");
  const far = await runClient({ args: ["--address", "events.example.com:80", "--token-file", file, "health"] });

  expect([empty, gone, far].map(({ exitCode }) => exitCode)).toEqual([2, 2, 2]);
  expect(empty.errors).toBe(`activity_client: --token-file ${file} is empty.\n`);
  expect(gone.errors).toBe(`activity_client: --token-file ${file} does not exist.\n`);
  expect(far.errors).toBe(
    "activity_client: --token-file: a token is sent to other machines over TLS only; add --tls.\n",
  );
  expect(front.authorizations).toEqual([]);
});

test("on Cloud Run the token goes beside the ID token, which has a header of its own", async () => {
  const { address: target } = await startService({ dataDir: temporaryFolder().path });
  await using closed = await startClosedService({ target });
  const file = join(temporaryFolder().path, "token");
  writeFileSync(file, "ours");
  const named = "--run-service activity-events --region region --project project".split(" ");

  const health = await runClient({
    args: [...named, "--token-file", file, "health"],
    environment: closed.environment,
  });

  expect(health).toEqual({ exitCode: 0, output: "SERVING\n", errors: "" });
  expect(new Set(closed.passedOn)).toEqual(new Set(["Bearer ours"]));
  expect(closed.authorizations[0]).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
});
