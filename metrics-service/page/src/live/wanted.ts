import type { Subscribe } from "../../../src/live/live-messages.ts";

type WithoutName<T> = T extends { readonly subscription: string } ? Omit<T, "subscription"> : never;

/** Subject of a subscription: deployments, what runs now, or one deployment's events. */
export type Wanted = WithoutName<Subscribe>;
