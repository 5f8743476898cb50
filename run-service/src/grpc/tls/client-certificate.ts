import type { ServerHttp2Session } from "node:http2";
import type { TLSSocket } from "node:tls";
import type { ClientCertificate } from "@activity-events/access/credentials";

/** Returns the names of the client certificate that TLS has verified; undefined without one. */
export function clientCertificateOf(session: ServerHttp2Session): ClientCertificate | undefined {
  const socket = session.socket as Partial<TLSSocket>;
  if (socket.authorized !== true) return undefined;
  const { subject, subjectaltname = "", valid_to: end } = socket.getPeerCertificate?.() ?? {};
  if (subject === undefined) return undefined;
  const common: unknown = subject.CN;
  const names = [...alternativeNames(subjectaltname), ...(typeof common === "string" ? [common] : [])];
  return { names: names.filter(isName), expiresMs: Date.parse(`${end}`) };
}

/** Kinds of alternative names, in the order in which one becomes the principal. */
const kinds = ["URI", "DNS", "email"];

// Node quotes a name with a separator in it; such a name could pretend to be several.
function alternativeNames(text: string): readonly string[] {
  if (text.includes('"')) return [];
  const found = text
    .split(", ")
    .map((entry) => [entry.slice(0, entry.indexOf(":")), entry.slice(entry.indexOf(":") + 1)]);
  return kinds.flatMap((kind) => found.filter(([of]) => of === kind).map(([, name]) => `${name}`));
}

/** Visible ASCII: what can be typed into the access file, and read in a log. */
function isName(name: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(name);
}
