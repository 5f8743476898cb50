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
];
