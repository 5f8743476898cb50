const KiB = 1024;

/** Bounds of an event, from the contract; what decorates an event is cut to them. */
export const limits = {
  /** Bytes of a text field. */
  textBytesMax: 256,
  /** Bytes of a URI and of a label's value. */
  uriBytesMax: 1 * KiB,
  /** Bytes of `message`. */
  messageBytesMax: 64 * KiB,
  /** Bytes of `message` and `data` together, so that all of an event fits into the 128 KiB that the service takes. */
  bodyBytesMax: 80 * KiB,
  labelsMax: 32,
  /** Encoded bytes of `data`. */
  dataBytesMax: 64 * KiB,
  /** Levels of `data`, the outermost object being the first. */
  dataDepthMax: 20,
} as const;
