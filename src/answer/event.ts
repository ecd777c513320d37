/** Who asks. One object per socket peer or connection; the responder keeps no reference to it. */
export interface Client {
  readonly transport: Transport;
  /** Textual address, without port; IPv4-mapped IPv6 is given as IPv4. */
  readonly address: string;
}

/** `http`: DNS over HTTPS, or what is left of it behind whoever ends the TLS (RFC 8484). */
export type Transport = 'udp' | 'tcp' | 'http';

/**
 * Why a message got no reply (`short`: less than a header; `response`: not a query), or only SERVFAIL (`internal`: a
 * fault of ours). Also a metric label: keep it bounded.
 */
export type DropReason = 'short' | 'response' | 'internal';

/**
 * What became of one message. The responder fills a single object and passes it to the observer once per message, so an
 * observer must copy what it wants to keep.
 */
export interface QueryEvent {
  client: Client;
  /** The message as it came. Only valid during the call. */
  message: Uint8Array;
  /** QTYPE, or 0 where the question could not be read. */
  type: number;
  /** Response code, extended ones included (BADVERS = 16); undefined: no reply was made. */
  rcode: number | undefined;
  drop: DropReason | undefined;
  /** What was thrown, where `drop` is `internal`: a fault of ours, to be logged by whoever observes. */
  failure: unknown;
  /** True: the message could not be read (the reply, if any, is FORMERR). */
  malformed: boolean;
  /** Cluster that the answer points to; `several` for a merged one; undefined for one that names none. */
  cluster: string | undefined;
  /** Answered from bytes compiled ahead. */
  compiled: boolean;
  /** Seconds spent on it. */
  seconds: number;
}

export type Observer = (event: Readonly<QueryEvent>) => void;
