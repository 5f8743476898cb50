/** Times of a stream. They hold from its start to its end, whatever the settings become. */
export interface StreamTimes {
  readonly heartbeatIntervalMs: number;
  readonly streamMaxAgeMs: number;
}
