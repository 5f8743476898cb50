import { goQuote } from "./go-quote.ts";

/** The ancestor's flags, as its help shows them. */
export const ancestorFlags = `  -add string
    \tEvent to add
  -address string
    \tAddress of the server for connection (default "127.0.0.1")
  -deployment int
    \tStream deployment events by given ID
  -port int
    \tPort of the server for connection (default 50051)
`;

/** Values of the ancestor's flags. */
export interface AncestorFlags {
  readonly add: string;
  readonly address: string;
  readonly deployment: number;
  /** As given; may be out of range for a port. */
  readonly port: bigint;
}

/** The flags, or the error in the words of Go's flag package. */
export type ParsedFlags =
  | { readonly kind: "flags"; readonly flags: AncestorFlags }
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly problem: string };

/**
 * Parses arguments as Go's flag package does: one dash or two, the value after `=` or in the next argument, up to the first
 * argument that is not a flag.
 */
export function parseGoFlags(args: readonly string[]): ParsedFlags {
  let flags: AncestorFlags = { add: "", address: "127.0.0.1", deployment: 0, port: 50_051n };
  const rest = [...args];
  for (;;) {
    const argument = rest.shift();
    if (argument === undefined || !/^-./s.test(argument) || argument === "--") return { kind: "flags", flags };
    const [, name, assigned] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name === undefined) return { kind: "wrong", problem: `bad flag syntax: ${argument}` };
    if (name === "h" || name === "help") return { kind: "help" };
    if (!isFlag(name)) return { kind: "wrong", problem: `flag provided but not defined: -${name}` };
    const value = assigned ?? rest.shift();
    if (value === undefined) return { kind: "wrong", problem: `flag needs an argument: -${name}` };
    if (name === "add" || name === "address") {
      flags = { ...flags, [name]: value };
      continue;
    }
    const number = parseGoInt(value, bitsOf[name]);
    if (typeof number === "string") {
      return { kind: "wrong", problem: `invalid value ${goQuote(value)} for flag -${name}: ${number}` };
    }
    flags = { ...flags, [name]: name === "port" ? number : Number(number) };
  }
}

// Go parses 64 bits for both and truncates the deployment's id to 32, which names another deployment or, with 0, all of
// them. Here such an id is out of range.
const bitsOf = { deployment: 32, port: 64 } as const;

function isFlag(name: string): name is keyof AncestorFlags {
  return name === "add" || name === "address" || name === "deployment" || name === "port";
}

function parseGoInt(text: string, bits: number): bigint | "parse error" | "value out of range" {
  const [, sign, digits] = /^([+-]?)(0x[\da-f]+|0b[01]+|0o?[0-7]+|0|[1-9]\d*)$/i.exec(withoutUnderscores(text)) ?? [];
  if (digits === undefined) return "parse error";
  const value = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits) * (sign === "-" ? -1n : 1n);
  return BigInt.asIntN(bits, value) === value ? value : "value out of range";
}

function withoutUnderscores(text: string): string {
  // Go allows one underscore between digits, and between a prefix and its digits.
  return text.replaceAll(/(?<=[\da-fxo])_(?=[\da-f])/gi, "");
}
