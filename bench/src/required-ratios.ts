/** A required ratio between two rows, or a bound of one row. */
export interface RequiredRatio {
  readonly work: string;
  readonly against: string;
  /** Keys of the two measures; without `to` the bound applies to the first itself. */
  readonly of: string;
  readonly to?: string;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
}

/** Required ratios of one run, on a machine of two cores shared by clients and servers. */
export const requiredRatios: readonly RequiredRatio[] = [
  {
    work: "CreateEvent, 128 in flight",
    against: 'etcd "create if absent", 128 in flight',
    of: "create-128/lean",
    to: "create-128/etcd",
    bound: { atLeast: 1.6 },
  },
  {
    work: "CreateEvent, 128 in flight",
    against: "grpc-js unary that stores nothing",
    of: "create-128/lean",
    to: "create-128/grpc",
    bound: { atLeast: 0.75 },
  },
  {
    work: "CreateEvent, 1 in flight",
    against: 'etcd "create if absent", 1 in flight',
    of: "create-1/lean",
    to: "create-1/etcd",
    bound: { atLeast: 1.3 },
  },
  {
    work: "IngestEvents over 1,000 deployments",
    against: "JetStream publish with Nats-Msg-Id, 128 in flight",
    of: "ingest/1000",
    to: "ingest/jetstream",
    bound: { atLeast: 2.5 },
  },
  {
    work: "the same",
    against: "bare node:sqlite, commits of 500, no network, unique by deployment and event",
    of: "ingest/1000",
    to: "ingest/sqlite",
    bound: { atLeast: 0.6 },
  },
  {
    work: "the same",
    against: "the same, unique by an id that grows",
    of: "ingest/1000",
    to: "ingest/sqlite-in-order",
    bound: { atLeast: 0.6 },
  },
  {
    work: "IngestEvents over 10,000 deployments",
    against: "itself over 10",
    of: "ingest/10000",
    to: "ingest/10",
    bound: { atLeast: 0.7 },
  },
  ...["static", "RS256", "ES256"].flatMap((proof): readonly RequiredRatio[] => [
    {
      work: `CreateEvent, 128 in flight, with an access file and a token, ${proof}`,
      against: "the same without an access file",
      of: `access/create-${proof}`,
      to: "access/create-none",
      bound: { atLeast: 0.95 },
    },
    {
      work: `IngestEvents over 1,000 deployments, with an access file and a token, ${proof}`,
      against: "the same without an access file",
      of: `access/ingest-${proof}`,
      to: "access/ingest-none",
      bound: { atLeast: 0.95 },
    },
  ]),
  {
    // 5 % of the 90 µs that CreateEvent takes of the service.
    work: "telling who brings a token of Cloud Run's, µs of CPU",
    against: "–",
    of: "access/cloud-run",
    bound: { atMost: 4.5 },
  },
  {
    work: "CreateEvent of a producer beside a flood by another principal, with a share, p99",
    against: "alone, p99",
    of: "fair-shares/share-p99",
    to: "fair-shares/alone-p99",
    bound: { atMost: 3 },
  },
  {
    work: "StreamEvents, 10,000 events of one deployment, events/s",
    against: "grpc-js streaming, 200 events a message, from memory",
    of: "stream/ours",
    to: "stream/grpc",
    bound: { atLeast: 0.8 },
  },
  {
    work: "ListEvents of 100 with 1,000,000 stored, p50",
    against: "itself with 10,000 stored",
    of: "list/1000000",
    to: "list/10000",
    bound: { atMost: 1.2 },
  },
  {
    work: "follow: from CreateEvent's answer to a follower, p50",
    against: "CreateEvent's own p50 at 1 in flight",
    of: "follow/p50",
    to: "follow/create",
    bound: { atMost: 1 },
  },
  {
    work: "the same, p99",
    against: "CreateEvent's own p50 at 1 in flight",
    of: "follow/p99",
    to: "follow/create",
    bound: { atMost: 3 },
  },
  {
    work: "memory of a fresh process on 1,000,000 stored events, after 1,000 lists",
    against: "bare Node",
    of: "memory/ours",
    to: "memory/node",
    bound: { atMost: 3 },
  },
  {
    work: "5,000 idle followers on 5,000 deployments over 50 connections, KB each",
    against: "–",
    of: "followers/each",
    bound: { atMost: 20 },
  },
  {
    work: "from CreateEvent's answer to a browser, 50 pages open, p99, ms",
    against: "–",
    of: "page/live-p99",
    bound: { atMost: 100 },
  },
  {
    work: "first contentful paint with 5,000 deployments, ms",
    against: "–",
    of: "page/first-paint",
    bound: { atMost: 1_000 },
  },
  {
    work: "1,000 idle pages, KB each",
    against: "–",
    of: "page/socket",
    bound: { atMost: 30 },
  },
  {
    work: "/api/metrics of 100,000 deployments, no report yet, ms",
    against: "–",
    of: "page/metrics-cold",
    bound: { atMost: 1_000 },
  },
  {
    work: "the same, asked again, ms",
    against: "–",
    of: "page/metrics-warm",
    bound: { atMost: 20 },
  },
  {
    work: "start to first SERVING, embedded",
    against: "bundled empty grpc-js server with health",
    of: "start/ours",
    to: "start/grpc",
    bound: { atMost: 1.8 },
  },
  {
    work: "start to first SERVING, STORE=firestore, emulator warm",
    against: "embedded",
    of: "start-firestore/serving",
    to: "start-firestore/embedded",
    bound: { atMost: 3.5 },
  },
  {
    work: "start to first acknowledged CreateEvent, STORE=firestore",
    against: "start to SERVING, embedded",
    of: "start-firestore/created",
    to: "start-firestore/embedded",
    bound: { atMost: 6 },
  },
];
