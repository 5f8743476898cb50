/** Result of one attempt to connect, made to find out why calls fail. */
export type ConnectionFinding =
  /** A server that speaks HTTP/2 answers, with TLS where it was asked for. */
  | { readonly kind: "http2" }
  | { readonly kind: "not listening" }
  | { readonly kind: "unresolved"; readonly host: string }
  | { readonly kind: "unreachable" }
  /** Nothing came in time: no connection, or no answer over one. */
  | { readonly kind: "silent"; readonly isConnected: boolean }
  | { readonly kind: "closed" }
  /** The server speaks TLS and this client does not, or the other way round. */
  | { readonly kind: "tls only there" }
  | { readonly kind: "tls only here" }
  | { readonly kind: "untrusted"; readonly why: CertificateFault }
  /** TLS of the server wants a certificate of the client, and there is none, or not one that it takes. */
  | { readonly kind: "client certificate"; readonly why: "missing" | "expired" | "refused" }
  /** A file of this client went bad after the start; the message names it. */
  | { readonly kind: "unreadable file"; readonly message: string }
  | { readonly kind: "http1" }
  | { readonly kind: "other protocol" };

/** Fault of a server's certificate. */
export type CertificateFault = "unknown issuer" | "expired" | "not valid yet" | "other name" | "other";
