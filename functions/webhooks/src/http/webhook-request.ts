/** A request to a route. */
export interface WebhookRequest {
  readonly method: string;
  /** Path without a query. */
  readonly path: string;
  /** By their names in lower case; of a repeated one all values, joined. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The bytes as they came, which signatures are computed over. */
  readonly body: Uint8Array;
}
