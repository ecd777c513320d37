import type { BenchZone } from '../zone.ts';

/**
 * One way of serving the benchmark's zone. A further peer is one file of this shape and one line in index.ts.
 */
export interface DnsServer {
  readonly name: string;
  /**
   * `peer`: what the subject is compared with. `variant`: other work of the subject, beside the comparison.
   * `limit`: does nothing but what all have to do.
   */
  readonly role: 'subject' | 'peer' | 'variant' | 'limit';
  readonly transports: readonly ('udp' | 'tcp')[];
  /** A name is answered with all of its addresses, or with one of them. */
  readonly answers: 'all' | 'one';
  /** The path of the program. Throws `MissingProgram` where it is not there. */
  locate(): string | Promise<string>;
  /** What makes the program print its version. */
  readonly versionArguments: readonly string[];
  /** Everything of it runs on one CPU, so each is told to start one worker and no more. */
  prepare(zone: BenchZone, place: Place): Launch;
}

export interface Place {
  /** An empty directory of the server's own, absolute. */
  readonly directory: string;
  /** Free on 127.0.0.1, for UDP and TCP. */
  readonly port: number;
  /** Free as well, for those that tell over HTTP what they count. */
  readonly httpPort: number;
}

export interface Launch {
  /** Path below the directory → contents. */
  readonly files: Readonly<Record<string, string>>;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}
