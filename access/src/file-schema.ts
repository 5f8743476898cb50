import { z } from "zod";
import { roles } from "./roles.ts";

const text = z.string().min(1, "must not be empty").max(1_024, "must be at most 1,024 characters");
const oneOrMore = <Item extends z.ZodType>(item: Item) =>
  z.array(item).min(1, "must not be empty; leave it out instead");
const domain = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "must be a domain in lower case, such as acme.example");
const namePrefix = z.string().regex(/^[a-z][a-z0-9-]*:$/, 'must be lower case and end with a colon, such as "github:"');

const issuer = z.strictObject({
  issuer: z
    .string()
    .regex(/^(cloud-run|https:\/\/[^\s?#]+|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/[^\s?#]*)?)$/, {
      error: "must be cloud-run or an https URL; http only on this machine",
    }),
  audience: z.union([text, oneOrMore(text)], { error: "must be a text or a list of texts, at least one" }),
  keys_file: text.optional(),
  names: z.enum(["email", "subject"], { error: "must be email or subject" }).optional(),
  domains: oneOrMore(domain).optional(),
  prefix: namePrefix.optional(),
  groups_claim: text.optional(),
  group_prefix: namePrefix.optional(),
});

const token = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/, "must be 1 to 128 of A-Z a-z 0-9 . _ ~ -"),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "must be the SHA-256 of the token, 64 hexadecimal digits in lower case"),
  expires: z.iso.datetime({ offset: true, error: "must be a time, such as 2027-01-31T00:00:00Z" }).optional(),
});

const binding = z.strictObject({
  role: z.enum(roles, { error: `must be one of ${roles.join(", ")}` }),
  members: oneOrMore(text),
  prefixes: oneOrMore(
    z
      .string()
      .regex(
        /^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/,
        "must be the beginning of a deployment id, 1 to 128 of its characters",
      ),
  ).optional(),
});

/** The form of an access file. What its parts say of each other is checked apart. */
export const fileSchema = z.strictObject({
  issuers: z.array(issuer).optional(),
  tokens: z.array(token).optional(),
  bindings: oneOrMore(binding),
});

export type FileShape = z.infer<typeof fileSchema>;

/** Names that an item of each list may have. */
export const itemNames: Readonly<Record<keyof FileShape, readonly string[]>> = {
  issuers: Object.keys(issuer.shape),
  tokens: Object.keys(token.shape),
  bindings: Object.keys(binding.shape),
};
