import { expect, test } from "@jest/globals";
import { type Filter, filterQuery, isNarrowed, matches, parseFilter } from "../src/filter/filter.ts";

const none = parseFilter({});

function queryOf(url: string): Record<string, string> {
  return Object.fromEntries(new URL(url, "http://page").searchParams);
}

test("survives the way through a URL", () => {
  const filter: Filter = {
    environment: "eu/prod & more",
    service: "größe",
    state: "ROLLED_BACK",
    outcome: "FAILURE",
    text: "a=b?#c",
    days: "all",
  };

  expect(parseFilter(queryOf(`/deployments${filterQuery(filter)}`))).toEqual(filter);
});

test("leaves what is unset and the usual days out of the URL", () => {
  expect(filterQuery(none)).toBe("");
  expect(filterQuery({ environment: "production" })).toBe("?environment=production");
  expect(filterQuery({ days: 7 })).toBe("?days=7");
});

test("takes what no filter can hold for unset", () => {
  expect(parseFilter({ state: "GONE", outcome: "?", days: "-3" })).toEqual(none);
  expect(parseFilter({ days: "1e9" })).toEqual(none);
  expect(parseFilter({ state: "running" }).state).toBe("RUNNING");
});

test("combines its conditions by AND", () => {
  const head = {
    deploymentId: "r-1",
    environment: "production",
    service: "Checkout",
    state: "DEPLOYMENT_STATE_FINISHED",
    outcome: "OUTCOME_SUCCESS",
    commit: "4C1E9D2",
  } as const;

  expect(matches(none, head)).toBe(true);
  expect(matches({ ...none, environment: "production", outcome: "SUCCESS" }, head)).toBe(true);
  expect(matches({ ...none, environment: "production", outcome: "FAILURE" }, head)).toBe(false);
  expect(matches({ ...none, service: "checkout" }, head)).toBe(false);
  expect(matches({ ...none, state: "RUNNING" }, head)).toBe(false);
  expect(matches({ ...none, text: " 4c1e " }, head)).toBe(true);
  expect(matches({ ...none, text: "nothing" }, head)).toBe(false);
});

test("knows whether it leaves something out", () => {
  expect(isNarrowed(none)).toBe(false);
  expect(isNarrowed({ ...none, days: 7 })).toBe(false);
  expect(isNarrowed({ ...none, text: "x" })).toBe(true);
});
