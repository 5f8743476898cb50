/** A server in a process of its own, ready to be used. */
export interface Server {
  /** `host:port` */
  readonly address: string;
  /** Of the process whose CPU time, with that of its children, is the server's; undefined where there is no server. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}
