import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError } from "@activity-events/process/config-error";
import { nearestName } from "@activity-events/process/nearest-name";
import { type Document, isAlias, isMap, isNode, parseDocument, visit } from "yaml";
import type { z } from "zod";
import type { AccessRules, Binding, IssuerRule, TokenRule } from "./access-rules.ts";
import { checkRules } from "./check-rules.ts";
import type { Fault, ValuePath } from "./fault.ts";
import { type FileShape, fileSchema, itemNames } from "./file-schema.ts";

interface FileOptions {
  /** Path of the file, for messages and for files that it names. */
  readonly path: string;
  /** True on Cloud Run, where alone the issuer `cloud-run` may be named. */
  readonly isCloudRun: boolean;
}

/** Faults that are listed; a file that is something else altogether has thousands. */
const faultsMax = 20;

/** Parses an access file. Throws an ConfigError with the place and the reason of each fault. */
export function parseAccessFile(text: string, { path, isCloudRun }: FileOptions): AccessRules {
  const document = readDocument(path, text);
  const parsed = fileSchema.safeParse(unlessTooDeep(path, () => document.toJS()));
  if (!parsed.success)
    throw faultsOf(
      path,
      text,
      document,
      parsed.error.issues.flatMap((issue) => faultsOfIssue(issue, document)),
    );
  const faults: Fault[] = [];
  const rules = rulesOf(parsed.data, dirname(path), faults);
  if (faults.length === 0) faults.push(...checkRules(rules, parsed.data, isCloudRun));
  if (faults.length > 0) throw faultsOf(path, text, document, faults);
  return rules;
}

function readDocument(path: string, text: string): Document {
  const fail = (offset: number, reason: string) => new ConfigError([`${placeAt(path, text, offset)}: ${reason}`]);
  // U+FFFD stands for bytes that are no UTF-8.
  const strange = /\uFFFD|(?![\t\r\n])\p{Cc}/u.exec(text);
  if (strange !== null) throw fail(strange.index, "the file is not UTF-8 text");
  const document = unlessTooDeep(path, () => parseDocument(text, { prettyErrors: false, version: "1.2" }));
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) throw fail(error.pos[0], error.message);
  // An empty file is more likely one that is being written than a wish that nobody may do anything.
  if (document.contents === null) throw fail(0, "the file is empty; it must have bindings");
  if (!isMap(document.contents)) throw fail(0, "the file must hold a mapping with bindings");
  visit(document, {
    Node: (_, node) => {
      if (isAlias(node) || node.anchor)
        throw fail(node.range?.[0] ?? 0, "anchors and aliases are not supported; repeat the value");
    },
  });
  return document;
}

/** The library reads and converts what is nested by calling itself. */
function unlessTooDeep<Value>(path: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new ConfigError([`${path}:1:1: values are nested too deeply`]);
    throw error;
  }
}

function faultsOfIssue(issue: z.core.$ZodIssue, document: Document): readonly Fault[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: [...path, key], reason: unknownKey(path, key) }));
  if (document.getIn(path) === undefined) return [{ path, reason: "is missing" }];
  return [{ path, reason: issue.message.replace(/^Invalid input: /, "") }];
}

/** Names that the file and the items of its lists may have. */
function namesAt([list]: ValuePath): readonly string[] {
  return list === undefined ? Object.keys(fileSchema.shape) : (itemNames[list as keyof FileShape] ?? []);
}

function unknownKey(path: ValuePath, key: string): string {
  const names = namesAt(path);
  const nearest = nearestName(key, names);
  return `is unknown; ${nearest === undefined ? `known are ${names.join(", ")}` : `did you mean ${nearest}?`}`;
}

function faultsOf(path: string, text: string, document: Document, faults: readonly Fault[]): ConfigError {
  const lines = faults.map((fault) => {
    const name = nameOf(fault.path);
    return `${placeAt(path, text, offsetOf(document, fault.path))}: ${name === "" ? "" : `${name} `}${fault.reason}`;
  });
  const more = lines.length - faultsMax;
  return new ConfigError(more > 0 ? [...lines.slice(0, faultsMax), `${path}: ${more} more faults`] : lines);
}

/** Formats a path, such as `bindings[0].role`. */
function nameOf(path: ValuePath): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${shown(String(part))}`))
    .join("")
    .replace(/^\./, "");
}

function shown(text: string): string {
  return /^[\w-]{1,64}$/.test(text) ? text : JSON.stringify(text.slice(0, 64));
}

/** Returns the offset of a value or, where it is missing, of the mapping that lacks it. */
function offsetOf(document: Document, path: ValuePath): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function placeAt(path: string, text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function rulesOf({ issuers = [], tokens = [], bindings }: FileShape, folder: string, faults: Fault[]): AccessRules {
  const listed = (audience: string | readonly string[]) => (typeof audience === "string" ? [audience] : audience);
  const cloudRun = issuers.find(({ issuer }) => issuer === "cloud-run");
  return {
    cloudRun: cloudRun && { audiences: listed(cloudRun.audience) },
    issuers: issuers.flatMap((found, index): IssuerRule[] => {
      if (found.issuer === "cloud-run") return [];
      const {
        issuer,
        audience,
        names = "email",
        domains,
        prefix,
        groups_claim: claim,
        group_prefix: groupPrefix = "",
      } = found;
      const readFault = (reason: string) => faults.push({ path: ["issuers", index, "keys_file"], reason });
      return [
        {
          issuer,
          audiences: listed(audience),
          keys: found.keys_file === undefined ? undefined : readKeys(resolve(folder, found.keys_file), readFault),
          names: names === "email" ? { by: "email", domains } : { by: "subject", prefix: prefix ?? "" },
          groups: claim === undefined ? undefined : { claim, prefix: groupPrefix },
        },
      ];
    }),
    tokens: tokens.map(({ name, sha256, expires }): TokenRule => {
      return { name, sha256, expiresMs: expires === undefined ? undefined : Date.parse(expires) };
    }),
    bindings: bindings.map(({ role, members, prefixes }): Binding => ({ role, members, prefixes })),
  };
}

function readKeys(path: string, fault: (reason: string) => void): object | undefined {
  try {
    const keys = JSON.parse(readFileSync(path, "utf8"));
    if (Array.isArray(keys?.keys) && keys.keys.length > 0) return keys;
    fault(`names ${path}, which holds no JSON Web Key Set with keys`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    fault(code === undefined ? `names ${path}, which is no JSON` : `names ${path}, which cannot be read (${code})`);
  }
  return undefined;
}
