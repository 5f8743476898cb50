/** A ratio between two rows that the product is held to, or one row's own bound. */
export interface RequiredRatio {
  readonly work: string;
  readonly against: string;
  /** Keys of the two measures; without `to` the first is held to the bound itself. */
  readonly of: string;
  readonly to?: string;
  readonly bound: { readonly atLeast: number } | { readonly atMost: number };
}

/** What must be reached, of one run, on a machine of two cores that clients and servers share. */
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
];
