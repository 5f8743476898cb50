/** Whether the page shows what is stored now. Times are the server's clock, in ms since 1970. */
export type LiveStatus =
  /** Nothing was heard yet. */
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | {
      readonly kind: "away";
      /** Why, in a sentence without its full stop. */
      readonly reason: string;
      readonly sinceMs: number;
      /** The page tries again by itself. */
      readonly isRetried: boolean;
    };
