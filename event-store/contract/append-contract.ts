import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "@jest/globals";
import { foldEvent } from "../src/domain/deployment.ts";
import {
  type Appended,
  type Deployment,
  EventIdConflictError,
  type NewEvent,
  SequenceMismatchError,
} from "../src/index.ts";
import { withStoredEvents } from "../src/stored-history.ts";
import {
  append,
  codec,
  deploymentId,
  type EventBuilder,
  encode,
  eventId,
  newEvent,
  newEvents,
  readEvents,
  readSequences,
  sequencesTo,
} from "./builders.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

const sequences = (appended: readonly Appended[]) => appended.map(({ event }) => event.sequence);
const duplicates = (appended: readonly Appended[]) => appended.map(({ duplicate }) => duplicate);
const exactly = (sequence: number) => ({ kind: "exactly", sequence }) as const;

/** Visible fields of a head. */
const shown = (head: Deployment | undefined) => ({
  ...head,
  kindTimes: undefined,
  foldedSequence: undefined,
  historyHash: undefined,
});

export function appendContract(underTest: StoreUnderTest): void {
  test("gives sequences from 1, without a gap, in the order given", async () => {
    const { store } = underTest;

    const first = await append(store, "d", newEvents(3));
    const second = await append(store, "d", newEvents(2));
    const elsewhere = await append(store, "e", newEvents(1));

    expect(sequences(first)).toEqual([1, 2, 3]);
    expect(sequences(second)).toEqual([4, 5]);
    expect(sequences(elsewhere)).toEqual([1]);
  });

  test("answers what it stored, and can be read at once", async () => {
    const { store } = underTest;
    const event = newEvent({ id: "a", severity: 500, labels: { team: "x" }, stamp: new Uint8Array([1, 2]) });

    const [appended] = await append(store, "d", [event], { receiveTimeUs: 123_456_789 });

    const { type, severity, labels } = event.facts;
    const { content, stamp, salt } = event;
    const stored = {
      eventId: "a",
      sequence: 1,
      receiveTimeUs: 123_456_789,
      type,
      severity,
      labels,
      content,
      stamp,
      salt,
    };
    expect(appended).toEqual({ event: stored, duplicate: false });
    expect(await store.readEvent(deploymentId("d"), eventId("a"))).toEqual(stored);
  });

  test("answers the same content again as a duplicate, with the stored event", async () => {
    const { store } = underTest;
    const [first] = await append(store, "d", [newEvent({ id: "a", stamp: new Uint8Array([1]) })], { receiveTimeUs: 1 });

    const [again] = await append(store, "d", [newEvent({ id: "a", stamp: new Uint8Array([2]) })], { receiveTimeUs: 2 });

    expect(again).toEqual({ event: first?.event, duplicate: true });
    expect(await readSequences(store, "d")).toEqual([1]);
  });

  test("decides sameness on the content, not on its bytes", async () => {
    const { store } = underTest;
    const [content, otherBytes] = ['{"a":1,"b":2}', '{ "b":2, "a":1 }'].map((text) => new TextEncoder().encode(text));
    if (content === undefined || otherBytes === undefined) throw new Error("no contents");
    await append(store, "d", [newEvent({ id: "a", content })]);

    const [alone] = await append(store, "d", [newEvent({ id: "a", content: otherBytes })]);
    const inBatch = await append(store, "d", [newEvent(), newEvent({ id: "a", content: otherBytes }), newEvent()]);

    expect(alone?.duplicate).toBe(true);
    expect(alone?.event.content).toEqual(content);
    expect(sequences(inBatch)).toEqual([2, 1, 3]);
  });

  test("decides sameness of a batch of which a neighbour stores another event meanwhile", async () => {
    const { store } = underTest;
    const event = (id: string, text: string) => newEvent({ id, content: new TextEncoder().encode(text) });
    await append(store, "d", [event("a", '{"a":1}')]);

    const batch = append(store, "d", [event("a", '{ "a": 1 }'), event("b", '{ "a": 1 }')]);
    await nextTurn();
    const neighbour = append(store, "d", [event("b", '{"a":1}')]);

    expect(sequences(await batch)).toEqual([1, 2]);
    expect(sequences(await neighbour)).toEqual([2]);
  });

  test("refuses an event id that was used for other content, and names the fields", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a", content: encode({ message: "one", type: "t", actor: "x" }) })]);

    const refusal = append(store, "d", [
      newEvent({ id: "a", content: encode({ message: "two", type: "t", actor: "y" }) }),
    ]);

    await expect(refusal).rejects.toThrow(EventIdConflictError);
    await expect(refusal).rejects.toMatchObject({
      reason: "EVENT_ID_CONFLICT",
      conflicts: [{ index: 0, eventId: "a", sequence: 1, fields: ["message", "actor"] }],
    });
  });

  test("takes the same event id in another deployment for another event", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a", message: "one" })]);

    const [appended] = await append(store, "e", [newEvent({ id: "a", message: "two" })]);

    expect(appended).toMatchObject({ duplicate: false, event: { sequence: 1 } });
  });

  test("writes the rest of a batch of which a part is stored, consecutively", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a" }), newEvent({ id: "c" })]);

    const appended = await append(
      store,
      "d",
      ["a", "b", "c", "d"].map((id) => newEvent({ id })),
    );

    expect(sequences(appended)).toEqual([1, 3, 2, 4]);
    expect(duplicates(appended)).toEqual([true, false, true, false]);
  });

  test("writes nothing of a batch with a conflict, and names each offender", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a" }), newEvent({ id: "b" })]);

    const refusal = append(store, "d", [
      newEvent({ id: "new" }),
      newEvent({ id: "a", message: "other" }),
      newEvent({ id: "b" }),
      newEvent({ id: "b2" }),
    ]);

    await expect(refusal).rejects.toMatchObject({
      conflicts: [{ index: 1, eventId: "a", sequence: 1, fields: ["message"] }],
    });
    expect(await readSequences(store, "d")).toEqual([1, 2]);
    expect(await store.readEvent(deploymentId("d"), eventId("new"))).toBeUndefined();
  });

  test("writes only at the expected sequence; 0 means that the deployment must not exist", async () => {
    const { store } = underTest;

    await append(store, "d", newEvents(2), { expected: exactly(0) });
    await append(store, "d", newEvents(1), { expected: exactly(2) });
    const late = append(store, "d", newEvents(1), { expected: exactly(2) });
    const early = append(store, "d", newEvents(1), { expected: exactly(0) });
    const unborn = append(store, "e", newEvents(1), { expected: exactly(7) });

    await expect(late).rejects.toThrow(SequenceMismatchError);
    await expect(late).rejects.toMatchObject({ expectedSequence: 2, actualSequence: 3 });
    await expect(early).rejects.toMatchObject({ expectedSequence: 0, actualSequence: 3 });
    await expect(unborn).rejects.toMatchObject({ expectedSequence: 7, actualSequence: 0 });
    expect(await readSequences(store, "d")).toEqual([1, 2, 3]);
    expect(await store.readDeployment(deploymentId("e"))).toBeUndefined();
  });

  test("answers a duplicate whatever the expected sequence, and a conflict before a mismatch", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "a" }), newEvent({ id: "b" })], { expected: exactly(0) });

    const retried = await append(store, "d", [newEvent({ id: "a" }), newEvent({ id: "b" })], { expected: exactly(0) });
    const conflict = append(store, "d", [newEvent({ id: "a", message: "other" })], { expected: exactly(9) });
    const partly = append(store, "d", [newEvent({ id: "a" }), newEvent({ id: "c" })], { expected: exactly(0) });

    expect(duplicates(retried)).toEqual([true, true]);
    await expect(conflict).rejects.toThrow(EventIdConflictError);
    await expect(partly).rejects.toThrow(SequenceMismatchError);
  });

  test("stores one event of many concurrent ones with the same id and content", async () => {
    const { store } = underTest;

    const answers = await Promise.all(Array.from({ length: 200 }, () => append(store, "d", [newEvent({ id: "a" })])));

    const appended = answers.flat();
    expect(appended.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(new Set(sequences(appended))).toEqual(new Set([1]));
  });

  test("stores one event of many concurrent ones with the same id and different contents, and refuses the others", async () => {
    const { store } = underTest;

    const answers = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => append(store, "d", [newEvent({ id: "a", message: `${index}` })])),
    );

    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused).toHaveLength(49);
    for (const { reason } of refused) expect(reason).toMatchObject({ conflicts: [{ fields: ["message"] }] });
    expect(await readSequences(store, "d")).toEqual([1]);
  });

  test("keeps the sequences of concurrent appends gapless, refused ones among them", async () => {
    const { store } = underTest;
    await append(store, "d", [newEvent({ id: "taken" })]);

    const answers = await Promise.allSettled(
      Array.from({ length: 300 }, (_, index) =>
        index % 3 === 0
          ? append(store, "d", [newEvent(), newEvent({ id: "taken", message: `${index}` })])
          : append(store, "d", newEvents(index % 4).concat(newEvent())),
      ),
    );

    const stored = answers.flatMap((answer) => (answer.status === "fulfilled" ? sequences(answer.value) : []));
    expect(answers.filter(({ status }) => status === "rejected")).toHaveLength(100);
    expect(stored.sort((a, b) => a - b)).toEqual(sequencesTo(stored.length + 1).slice(1));
    expect(await readSequences(store, "d")).toEqual(sequencesTo(stored.length + 1));
  });

  test("folds the head from the events in sequence order", async () => {
    const { store } = underTest;

    await append(store, "d", [newEvent({ type: "deployment.queued", service: "api" })], { receiveTimeUs: 10 });
    await append(
      store,
      "d",
      [newEvent({ type: "deployment.started", environment: "prod" }), newEvent({ service: "web", revision: "r1" })],
      { receiveTimeUs: 30 },
    );
    await append(store, "d", [newEvent({ type: "deployment.finished", outcome: "failure" })], { receiveTimeUs: 20 });

    expect(await store.readDeployment(deploymentId("d"))).toMatchObject({
      deploymentId: "d",
      headSequence: 4,
      state: "finished",
      outcome: "failure",
      environment: "prod",
      service: "web",
      revision: "r1",
      createTimeUs: 10,
      startTimeUs: 30,
      // After the clock jumps back, the time is later than all known ones.
      finishTimeUs: 32,
      failureTimeUs: 32,
      updateTimeUs: 30,
      kindTimes: { queued: 10, started: 30, finished: 32, finishedOutcome: "failure", progress: 31 },
    });
  });

  test("keeps all that a head has over a restart, and goes on from it", async () => {
    const all = [
      newEvent({ type: "deployment.queued", actor: "ann", commit: "c1", commitTimeUs: 77, url: "https://a/1" }),
      newEvent({ type: "deployment.started" }),
      newEvent({ type: "deployment.progress" }),
      newEvent({ type: "deployment.finished", outcome: "canceled" }),
      newEvent({ type: "deployment.rolledback" }),
      newEvent({ type: "incident.opened" }),
      newEvent({ type: "incident.resolved" }),
      newEvent({ type: "incident.opened" }),
      newEvent({ type: "service.removed" }),
    ];
    let expected: Deployment | undefined;
    for (const [index, event] of all.entries()) {
      const receiveTimeUs = 100 * (index + 1);
      await append(underTest.store, "d", [event], { receiveTimeUs });
      expected = foldEvent(expected, deploymentId("d"), event.facts, receiveTimeUs);
      if (underTest.store.traits.durable) await underTest.reopen();

      const head = await underTest.store.readDeployment(deploymentId("d"));
      expect({ ...head, historyHash: undefined }).toEqual(expected);
      expect(head?.historyHash).toMatchObject({ sequence: index + 1, from: 1 });
    }
  });

  test("chains the events of a deployment, whatever calls they came in", async () => {
    const { store } = underTest;
    const events = newEvents(5, { sendTime: { seconds: 1_767_225_600, nanos: 1_234 } });
    const [first, second, third, fourth, fifth] = events as [NewEvent, NewEvent, NewEvent, NewEvent, NewEvent];

    await append(store, "d", [first, second], { receiveTimeUs: 10 });
    await Promise.all([
      append(store, "d", [third], { receiveTimeUs: 20 }),
      append(store, "other", [newEvent()]),
      append(store, "d", [first, fourth], { receiveTimeUs: 30 }),
    ]);
    if (store.traits.durable) await underTest.reopen();
    await append(underTest.store, "d", [fifth], { receiveTimeUs: 40 });

    const page = await readEvents(underTest.store, "d");
    expect(page.events.map(({ salt }) => salt.length)).toEqual([16, 16, 16, 16, 16]);
    const wanted = withStoredEvents(undefined, { deploymentId: deploymentId("d"), events: page.events, codec, to: 5 });
    const head = await underTest.store.readDeployment(deploymentId("d"));
    expect(head?.historyHash).toEqual(wanted);
    const [one, other] = page.events;
    expect(one?.salt).not.toEqual(other?.salt);
  });

  test("keeps the salt of the call that stored an event, not that of its retry", async () => {
    const { store } = underTest;
    const event = newEvent();
    await append(store, "d", [event]);
    const before = await store.readDeployment(deploymentId("d"));

    const [retried] = await append(store, "d", [{ ...event, salt: new Uint8Array(16).fill(9) }]);

    expect(retried).toMatchObject({ duplicate: true, event: { salt: event.salt } });
    expect(await store.readDeployment(deploymentId("d"))).toEqual(before);
  });

  test.each<[string, EventBuilder, Partial<Deployment>]>([
    ["the state", { type: "deployment.rolledback" }, { state: "rolled_back", outcome: "failure", failureTimeUs: 12 }],
    [
      "the outcome",
      { type: "deployment.finished", outcome: "failure" },
      { outcome: "failure", finishTimeUs: 12, failureTimeUs: 12 },
    ],
    ["the environment", { environment: "dev" }, { environment: "dev" }],
    ["the service", { service: "web" }, { service: "web" }],
    ["the revision", { revision: "r2" }, { revision: "r2" }],
    ["the actor", { actor: "bob" }, { actor: "bob" }],
    ["the commit", { commit: "c2" }, { commit: "c2" }],
    ["the commit's time", { commitTimeUs: 7 }, { commitTimeUs: 7 }],
    ["the page", { url: "https://b" }, { url: "https://b" }],
    ["the time of its failure", { type: "incident.opened" }, { failureTimeUs: 12, incidentTimeUs: 12 }],
    ["the time of its recovery", { type: "incident.resolved" }, { recoverTimeUs: 12 }],
    ["the time of its removal", { type: "service.removed" }, { removeTimeUs: 12 }],
    ["nothing but the sequence", {}, {}],
  ])("changes of the head %s when an event changes that alone", async (_, change, changed) => {
    const { store } = underTest;
    const same = { receiveTimeUs: 10 };
    const facts = { environment: "prod", service: "api", revision: "r1", actor: "ann", commit: "c1", url: "https://a" };
    await append(store, "d", [newEvent({ type: "deployment.started", ...facts })], same);
    await append(store, "d", [newEvent({ type: "deployment.finished", outcome: "success" })], same);
    const before = await store.readDeployment(deploymentId("d"));

    await append(store, "d", [newEvent(change)], same);
    const after = await store.readDeployment(deploymentId("d"));
    // A store that caches the head must continue from its own write.
    await append(store, "d", newEvents(1), same);

    expect(shown(after)).toEqual({ ...shown(before), ...changed, headSequence: 3 });
    expect(shown(await store.readDeployment(deploymentId("d")))).toEqual({ ...shown(after), headSequence: 4 });
  });

  test("changes of the head each time when an event changes that alone", async () => {
    const { store } = underTest;
    const read = () => store.readDeployment(deploymentId("d"));
    await append(store, "d", [newEvent({ type: "deployment.started" })], { receiveTimeUs: 10 });

    await append(store, "d", [newEvent({ type: "deployment.started" })], { receiveTimeUs: 20 });
    expect(await read()).toMatchObject({
      createTimeUs: 10,
      startTimeUs: 20,
      updateTimeUs: 20,
      finishTimeUs: undefined,
    });
    await append(store, "d", [newEvent({ type: "deployment.finished", outcome: "error" })], { receiveTimeUs: 30 });
    await append(store, "d", [newEvent({ type: "deployment.finished", outcome: "error" })], { receiveTimeUs: 40 });
    expect(await read()).toMatchObject({ startTimeUs: 20, finishTimeUs: 40, updateTimeUs: 40 });
    await append(store, "d", [newEvent({ type: "deployment.started" })], { receiveTimeUs: 5 });
    expect(await read()).toMatchObject({
      state: "running",
      outcome: "unspecified",
      createTimeUs: 10,
      startTimeUs: 41,
      finishTimeUs: undefined,
      updateTimeUs: 40,
    });
  });

  test("gives back bit for bit what it stored", async () => {
    const { store } = underTest;
    const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
    const odd = "a\0b\n\u2028😀\u0001";
    const events = [
      newEvent({ content: everyByte, stamp: everyByte.toReversed() }),
      newEvent({ content: new Uint8Array(), stamp: new Uint8Array() }),
      newEvent({ content: new Uint8Array(128 * 1024).fill(0) }),
      newEvent({
        type: odd,
        environment: odd,
        service: odd,
        revision: odd,
        labels: { [odd]: odd, ["__proto__"]: "p", "": "" },
      }),
      newEvent({ severity: 800, labels: Object.fromEntries([["__proto__", "x"]]) }),
    ];

    const appended = await append(store, "d", events, { receiveTimeUs: 8_640_000_000_000_000 - 1 });

    const { events: read } = await readEvents(store, "d");
    expect(read).toEqual(appended.map(({ event }) => event));
    expect(read.map(({ content }) => Buffer.from(content))).toEqual(events.map(({ content }) => Buffer.from(content)));
    expect(Object.entries(read[4]?.labels ?? {})).toEqual([["__proto__", "x"]]);
    expect(await store.readDeployment(deploymentId("d"))).toMatchObject({
      environment: odd,
      service: odd,
      revision: odd,
    });
  });
}
