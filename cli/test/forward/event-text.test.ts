import { EventSchema, Outcome } from "@activity-events/client";
import { create } from "@bufbuild/protobuf";
import { expect, test } from "@jest/globals";
import { defaultText, parseTemplate, subjectOf } from "../../src/forward/event-text.ts";

const event = create(EventSchema, {
  deploymentId: "release-42",
  type: "deployment.finished",
  outcome: Outcome.SUCCESS,
  message: "all\nof them",
  actor: "ada",
  url: "https://ci.example/7",
});
const subject = { service: "shop", revision: "1.4.2", environment: "production" };

test("says of an event what is known of its deployment", () => {
  expect(defaultText(event, subject)).toBe(
    "✅ shop 1.4.2 → production: deployment.finished SUCCESS (release-42) by ada: all\\nof them https://ci.example/7",
  );
});

test("leaves out what nobody said", () => {
  const bare = create(EventSchema, { deploymentId: "d", type: "deployment.progress" });

  expect(defaultText(bare, { service: "", revision: "", environment: "" })).toBe("deployment.progress (d)");
  expect(defaultText(bare, { ...subject, service: "", revision: "" })).toBe("production: deployment.progress (d)");
});

test("fills a template", () => {
  const text = parseTemplate("{service}@{environment} {outcome} {{x}");

  expect(text(event, subject)).toBe("shop@production SUCCESS {x}");
});

test("names the fields when a template asks for another, and for a brace that is never closed", () => {
  expect(() => parseTemplate("{colour}")).toThrow("There is no field {colour}. Known are {deployment_id}, {event_id}");
  expect(() => parseTemplate("{constructor}")).toThrow("There is no field {constructor}");
  expect(() => parseTemplate("a { b")).toThrow("There is no field {}");
});

test("what an event says goes before what its deployment says", () => {
  expect(subjectOf({ ...event, service: "cart" }, subject)).toEqual({ ...subject, service: "cart" });
  expect(subjectOf(event, undefined)).toEqual({ service: "", revision: "", environment: "" });
});
