import { isAbsolute } from "node:path";
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { parseAddress } from "../flags/parse-flags.ts";
import { JsonFault, parseJson } from "../text/parse-json.ts";
import { type Context, type ContextFiles, type Contexts, contextFiles, parseContextName } from "./context.ts";

/** Contents of the file of contexts are not what this program writes; the message begins with the place. */
export class ContextsFault extends Error {
  override readonly name = "ContextsFault";
}

const addressKeys = ["address", "tls", "audience", ...contextFiles] as const;
const runKeys = ["runService", "region", "project", ...contextFiles] as const;

/** Formats contexts as the file's JSON, in the order of their names. */
export function contextsText({ inUse, byName }: Contexts): string {
  const contexts = Object.fromEntries([...byName].sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ inUse, contexts }, undefined, 2)}\n`;
}

/** Parses the file's JSON. Throws a `ContextsFault`, also for a key that it does not know and would lose. */
export function parseContexts(text: string): Contexts {
  const { inUse, contexts, ...others } = membersOf("the value", parsed(text));
  refuseKeys("the value", others);
  const byName = new Map<string, Context>();
  for (const [name, value] of Object.entries(membersOf("contexts", contexts === undefined ? {} : contexts))) {
    const place = /^[\w-]+$/.test(name) ? `contexts.${name}` : `contexts[${JSON.stringify(name)}]`;
    checked(place, () => parseContextName(name));
    byName.set(name, contextOf(place, membersOf(place, value)));
  }
  const used = inUse === undefined ? undefined : textOf("inUse", inUse);
  if (used !== undefined && !byName.has(used)) throw fault("inUse", `there is no context ${used}`);
  return { inUse: used, byName };
}

/** Parses one connection in the form of a context. Throws a `ContextsFault` that begins with the place. */
export function parseConnection(place: string, value: JsonValue): Context {
  return contextOf(place, membersOf(place, value));
}

function parsed(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    const { message } = error;
    const position = /Unexpected end/.test(message) ? text.length : / at position (\d+)/.exec(message)?.[1];
    if (position === undefined) throw new ContextsFault(`${message.replace(/\.$/, "")}.`, { cause: error });
    const before = text.slice(0, Number(position)).split("\n");
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
    throw fault(place, message.replace(/(?: in JSON)? at position .*$/, ""));
  }
}

function contextOf(place: string, members: JsonObject): Context {
  const at = (key: string) => `${place}.${key}`;
  const files = filesOf(at, members);
  if ("address" in members) {
    const { address, tls = false, audience } = members;
    refuseKeys(place, members, addressKeys);
    if (typeof tls !== "boolean") throw fault(at("tls"), "expected true or false");
    const host = textOf(at("address"), address);
    checked(at("address"), () => parseAddress(host));
    const token = audience === undefined ? {} : { audience: textOf(at("audience"), audience) };
    return { address: host, ...(tls ? { tls } : {}), ...files, ...token };
  }
  refuseKeys(place, members, runKeys);
  const { runService, region, project } = members;
  if (runService === undefined) throw fault(place, "expected address or runService");
  return {
    runService: textOf(at("runService"), runService),
    region: textOf(at("region"), region),
    project: textOf(at("project"), project),
    ...files,
  };
}

function filesOf(at: (key: string) => string, members: JsonObject): ContextFiles {
  const files: Partial<Record<keyof ContextFiles, string>> = {};
  for (const name of contextFiles) {
    if (members[name] === undefined) continue;
    const file = textOf(at(name), members[name]);
    // A relative path would name another file in every folder.
    if (!isAbsolute(file)) throw fault(at(name), "expected an absolute path");
    files[name] = file;
  }
  return files;
}

function membersOf(place: string, value: JsonValue): JsonObject {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw fault(place, "expected an object");
}

function textOf(place: string, value: JsonValue | undefined): string {
  if (typeof value === "string" && value !== "") return value;
  throw fault(place, "expected a text");
}

function refuseKeys(place: string, members: JsonObject, known: readonly string[] = []): void {
  const unknown = Object.keys(members).find((key) => !known.includes(key));
  if (unknown !== undefined) throw fault(place, `key ${JSON.stringify(unknown)} is unknown`);
}

function checked(place: string, check: () => unknown): void {
  try {
    check();
  } catch (error) {
    throw fault(place, (error as Error).message);
  }
}

function fault(place: string, problem: string): ContextsFault {
  return new ContextsFault(`${place}: ${problem.replace(/\.$/, "")}.`);
}
