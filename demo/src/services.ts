/** Where changes go, in this order. */
export const environments = ["dev", "staging", "production"] as const;
export type Environment = (typeof environments)[number];

/** A service of the invented shop. */
export interface DemoService {
  readonly name: string;
  readonly team: string;
  /** Average on a working day. */
  readonly changesPerDay: number;
  /** Typical roll-out in production, in minutes; other environments take half of it. */
  readonly rolloutMinutes: number;
  /** Instances in production. */
  readonly instances: number;
  readonly authors: readonly [string, ...string[]];
  /** Whether the service was switched off everywhere some days ago. */
  readonly isRemoved?: boolean;
}

export const services: readonly DemoService[] = [
  {
    name: "checkout",
    team: "purchase",
    changesPerDay: 2.2,
    rolloutMinutes: 6,
    instances: 12,
    authors: ["ada", "grace", "linus"],
  },
  {
    name: "payments",
    team: "purchase",
    changesPerDay: 0.8,
    rolloutMinutes: 11,
    instances: 8,
    authors: ["grace", "mary"],
  },
  {
    name: "catalog",
    team: "browse",
    changesPerDay: 1.6,
    rolloutMinutes: 4,
    instances: 10,
    authors: ["edsger", "barbara"],
  },
  {
    name: "search",
    team: "browse",
    changesPerDay: 1.1,
    rolloutMinutes: 14,
    instances: 6,
    authors: ["barbara", "donald"],
  },
  {
    name: "accounts",
    team: "identity",
    changesPerDay: 0.7,
    rolloutMinutes: 5,
    instances: 4,
    authors: ["radia", "ken"],
  },
  {
    name: "storefront",
    team: "web",
    changesPerDay: 2.6,
    rolloutMinutes: 3,
    instances: 6,
    authors: ["tim", "hedy", "ada"],
  },
  { name: "notifications", team: "web", changesPerDay: 0.6, rolloutMinutes: 3, instances: 3, authors: ["hedy", "ken"] },
  {
    name: "wishlist",
    team: "web",
    changesPerDay: 0.9,
    rolloutMinutes: 3,
    instances: 2,
    authors: ["tim"],
    isRemoved: true,
  },
];
