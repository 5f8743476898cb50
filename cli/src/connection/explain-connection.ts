import type { ServiceAddress } from "@activity-events/client";
import type { CertificateFault, ConnectionFinding } from "./connection-finding.ts";

/** Says in one sentence why no connection came about and what to do; undefined if the connection is sound. */
export function explainConnection(
  finding: ConnectionFinding,
  { address, tls, rootCertificates }: ServiceAddress,
): string | undefined {
  switch (finding.kind) {
    case "http2":
      return undefined;
    case "not listening":
      return `nothing listens at ${address}; start the service, or set its address with --address HOST:PORT, ACTIVITY_ADDRESS or a context`;
    case "unresolved":
      return `the name ${finding.host} does not resolve; check the address`;
    case "unreachable":
      return `no route leads to ${address}; check the address and the network`;
    case "silent":
      return finding.isConnected
        ? `${address} takes connections but does not answer in time; check that the service listens there${tls ? "" : ", and whether it needs --tls"}`
        : `${address} does not answer in time; check the address and any firewall`;
    case "closed":
      return `${address} closes the connection at once; check that the service listens there`;
    case "tls only there":
      return `the server at ${address} expects TLS and this client used none; add --tls before the command`;
    case "tls only here":
      return `the server at ${address} speaks plain text and this client used TLS; leave out --tls`;
    case "untrusted":
      return certificateSentence(finding.why, address, rootCertificates !== undefined);
    case "client certificate":
      return clientCertificateSentence(finding.why, address);
    case "unreadable file":
      return `the connection to ${address} lacks a file: ${finding.message}`;
    case "http1":
      return `a proxy or HTTP server without HTTP/2 answers at ${address}; set the address of the service itself`;
    case "other protocol":
      return `something other than the service answers at ${address}; check host and port`;
  }
}

function clientCertificateSentence(why: "missing" | "expired" | "refused", address: string): string {
  switch (why) {
    case "missing":
      return `the service at ${address} demands a client certificate; give one with --client-cert FILE and --client-key FILE`;
    case "expired":
      return `the service at ${address} refuses the certificate of --client-cert, which has expired; renew it`;
    case "refused":
      return `the service at ${address} refuses the certificate of --client-cert; give one that an authority of the service has signed for clients`;
  }
}

function certificateSentence(why: CertificateFault, address: string, hasOwnRoots: boolean): string {
  switch (why) {
    case "unknown issuer":
      return hasOwnRoots
        ? `no certificate in --ca-file signs the one of ${address}; give the file of its authority`
        : `the certificate of ${address} is not trusted; give its authority with --ca-file FILE`;
    case "expired":
      return `the certificate of ${address} has expired; renew it`;
    case "not valid yet":
      return `the certificate of ${address} is not valid yet; check the clocks of both machines`;
    case "other name":
      return `the certificate of ${address} is for another name; use the name that it is for`;
    case "other":
      return `the certificate of ${address} is not valid`;
  }
}
