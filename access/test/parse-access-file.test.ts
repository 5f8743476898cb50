import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "@activity-events/process/config-error";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { describe, expect, test } from "@jest/globals";
import { parseAccessFile } from "../src/parse-access-file.ts";

const admin = "  - {role: admin, members: [certificate:root]}\n";
const bindings = `bindings:\n${admin}`;

function faultsOf(text: string, { path = "access.yaml", isCloudRun = false } = {}): readonly string[] {
  try {
    parseAccessFile(text, { path, isCloudRun });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

test("reads a file with everything", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "keys.json"), '{"keys": [{"kty": "EC"}]}');
  const text = `
issuers:
  - issuer: https://accounts.google.com
    audience: https://activity.example
    domains: [acme.example]
  - issuer: https://token.actions.githubusercontent.com
    audience: [a, b]
    keys_file: keys.json
    names: subject
    prefix: "github:"
    groups_claim: groups
tokens:
  - name: ci
    sha256: ${"ab".repeat(32)}
    expires: 2027-01-31T00:00:00Z
bindings:
  - role: writer
    members: ["serviceAccount:github:repo:acme/shop:ref:refs/heads/main", token:ci]
    prefixes: [shop-, "gh:acme:shop:"]
  - role: admin
    members: [user:mira@acme.example]
`;

  const rules = parseAccessFile(text, { path: join(folder.path, "access.yaml"), isCloudRun: false });

  expect(rules).toEqual({
    cloudRun: undefined,
    issuers: [
      {
        issuer: "https://accounts.google.com",
        audiences: ["https://activity.example"],
        keys: undefined,
        names: { by: "email", domains: ["acme.example"] },
        groups: undefined,
      },
      {
        issuer: "https://token.actions.githubusercontent.com",
        audiences: ["a", "b"],
        keys: { keys: [{ kty: "EC" }] },
        names: { by: "subject", prefix: "github:" },
        groups: { claim: "groups", prefix: "" },
      },
    ],
    tokens: [{ name: "ci", sha256: "ab".repeat(32), expiresMs: Date.UTC(2027, 0, 31) }],
    bindings: [
      {
        role: "writer",
        members: ["serviceAccount:github:repo:acme/shop:ref:refs/heads/main", "token:ci"],
        prefixes: ["shop-", "gh:acme:shop:"],
      },
      { role: "admin", members: ["user:mira@acme.example"], prefixes: undefined },
    ],
  });
});

const issuer = (more: string) => `issuers:\n  - issuer: https://a.example\n    audience: x\n    ${more}\n${bindings}`;
const two = (one: string, other: string) =>
  `issuers:\n  - {issuer: "https://a.example", audience: x, ${one}}\n  - {issuer: "https://b.example", audience: x, ${other}}\n${bindings}`;
const token = (name: string, digit: string) => `  - {name: ${name}, sha256: "${digit.repeat(64)}"}\n`;
const bound = (binding: string) => `bindings:\n${admin}  - ${binding}\n`;

describe("names the place and the reason of", () => {
  test.each([
    ["an empty file", "", "1:1: the file is empty; it must have bindings"],
    ["a comment alone", "# nothing\n", "1:1: the file is empty; it must have bindings"],
    ["a list", "- a\n", "1:1: the file must hold a mapping with bindings"],
    ["broken YAML", "bindings: [\n", /^access[.]yaml:2:1: /],
    ["two documents", `${bindings}---\n${bindings}`, /^access[.]yaml:\d+:\d+: /],
    ["a name twice", `${bindings}${bindings}`, /^access[.]yaml:3:1: .*unique/],
    ["an alias", `bindings: &all\n${admin}x: *all\n`, /anchors and aliases are not supported/],
    ["another encoding", "bindings: \uFFFD\n", "1:11: the file is not UTF-8 text"],
    ["a typo at the top", `${bindings}token: []\n`, "3:8: token is unknown; did you mean tokens?"],
    ["a typo within", bound("{rolle: reader, members: [all]}"), "3:5: bindings[1].role is missing"],
    ["no bindings", "tokens: []\n", "1:1: bindings is missing"],
    ["no binding", "bindings: []\n", "1:11: bindings must not be empty; leave it out instead"],
    [
      "an unknown role",
      bound("{role: owner, members: [all]}"),
      "3:12: bindings[1].role must be one of reader, writer, editor, admin",
    ],
    [
      "nobody",
      bound("{role: reader, members: []}"),
      "3:29: bindings[1].members must not be empty; leave it out instead",
    ],
    [
      "a member without kind",
      bound("{role: reader, members: [mira]}"),
      /^access[.]yaml:3:30: bindings\[1\][.]members\[0\] must be user:, /,
    ],
    [
      "all as admin",
      bound("{role: admin, members: [all]}"),
      "3:29: bindings[1].members[0] all cannot be admin: anybody could",
    ],
    [
      "an unknown token",
      bound("{role: reader, members: [token:ci]}"),
      "3:30: bindings[1].members[0] names a token that is not in tokens",
    ],
    [
      "a group without a claim",
      bound("{role: reader, members: [group:ops]}"),
      "3:30: bindings[1].members[0] names a group, but no issuer has a groups_claim for it",
    ],
    [
      "a user without an issuer",
      bound("{role: reader, members: [user:a@b.example]}"),
      "3:30: bindings[1].members[0] could never call: no issuer of the file names such a principal",
    ],
    [
      "a prefix that no id has",
      bound("{role: reader, members: [all], prefixes: ['shop/']}"),
      /bindings\[1\][.]prefixes\[0\] must be the beginning of a deployment id/,
    ],
    [
      "no admin",
      "bindings:\n  - {role: editor, members: [all]}\n",
      "2:3: bindings shut out every admin; give somebody the role admin, without prefixes",
    ],
    [
      "an admin of some deployments alone",
      "bindings:\n  - {role: admin, members: [certificate:a], prefixes: [a]}\n",
      "2:3: bindings shut out every admin; give somebody the role admin, without prefixes",
    ],
    [
      "a hash that is none",
      `tokens:\n  - {name: ci, sha256: abc}\n${bindings}`,
      /tokens\[0\][.]sha256 must be the SHA-256 of the token/,
    ],
    [
      "a time that is none",
      `tokens:\n  - {name: ci, sha256: "${"a".repeat(64)}", expires: tomorrow}\n${bindings}`,
      /tokens\[0\][.]expires must be a time/,
    ],
    [
      "a token's name twice",
      `tokens:\n${token("a", "1")}${token("a", "2")}${bindings}`,
      "3:12: tokens[1].name is taken",
    ],
    [
      "a token twice",
      `tokens:\n${token("a", "1")}${token("b", "1")}${bindings}`,
      "3:23: tokens[1].sha256 is that of another token",
    ],
    [
      "an issuer in plain text",
      `issuers:\n  - {issuer: "http://a.example", audience: x}\n${bindings}`,
      /issuers\[0\][.]issuer must be cloud-run or an https URL/,
    ],
    [
      "an issuer without audience",
      `issuers:\n  - {issuer: "https://a.example"}\n${bindings}`,
      "2:5: issuers[0].audience is missing",
    ],
    ["a subject without prefix", issuer("names: subject"), /issuers\[0\][.]names by subject needs a prefix/],
    [
      "domains of subjects",
      issuer('names: subject\n    prefix: "a:"\n    domains: [a.example]'),
      /issuers\[0\][.]domains belongs to names by email/,
    ],
    [
      "a key file that is not there",
      issuer("keys_file: gone.json"),
      /issuers\[0\][.]keys_file names .*gone[.]json, which cannot be read \(ENOENT\)/,
    ],
    [
      "two issuers of any address",
      two("names: email", "names: email"),
      /issuers\[1\] could name the same person as another issuer; give both issuers their domains/,
    ],
    [
      "two issuers of one domain",
      two("domains: [a.example]", "domains: [b.example, a.example]"),
      /could name the same person as another issuer: both have the domain a[.]example/,
    ],
    [
      "two issuers of one prefix",
      two('names: subject, prefix: "a:"', 'names: subject, prefix: "a:"'),
      /has the prefix a: of another issuer/,
    ],
    [
      "an issuer that could name another's groups",
      two('domains: [a.example], groups_claim: g, group_prefix: "a:"', "domains: [b.example], groups_claim: g"),
      /could name the same group as another issuer/,
    ],
    [
      "two issuers of one group",
      two("domains: [a.example], groups_claim: g", "domains: [b.example], groups_claim: g"),
      /could name the same group as another issuer/,
    ],
    [
      "Cloud Run's tokens elsewhere",
      `issuers:\n  - {issuer: cloud-run, audience: x}\n${bindings}`,
      /cloud-run works on Cloud Run alone/,
    ],
  ])("%s", (_, text, fault) => {
    const faults = faultsOf(text);

    if (fault instanceof RegExp) expect(faults.join("\n")).toMatch(fault);
    else expect(faults).toContain(`access.yaml:${fault}`);
  });

  test.each([
    ["beside another issuer", "\n  - {issuer: https://a.example, audience: x}", /cloud-run must be the only issuer/],
    ["with names", ", names: subject", /issuers\[0\][.]names has no meaning for cloud-run/],
  ])("cloud-run %s", (_, more, fault) => {
    const [within, beside] = more.startsWith(",") ? [more, ""] : ["", more];
    const text = `issuers:\n  - {issuer: cloud-run, audience: x${within}}${beside}\n${bindings}`;

    expect(faultsOf(text, { isCloudRun: true }).join("\n")).toMatch(fault);
  });

  test("at most 20, and how many more", () => {
    const text = `${bindings}${Array.from({ length: 50 }, (_, index) => `a${index}: 1\n`).join("")}`;

    const faults = faultsOf(text);

    expect(faults).toHaveLength(21);
    expect(faults.at(-1)).toBe("access.yaml: 30 more faults");
  });
});
