/** A ready server in its own process. */
export interface Server {
  /** `host:port` */
  readonly address: string;
  /** Id of the server's process, whose CPU time includes its children; undefined if there is no server. */
  readonly pid: number | undefined;
  /** Token that its callers bring; undefined if they bring none. */
  readonly token?: string | undefined;
  stop(): Promise<void>;
}
