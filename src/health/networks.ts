import { parseCidr } from '../base/ip.ts';
import type { Finding } from '../views/finding.ts';

/** Address blocks and where they were found. */
export interface FoundBlocks {
  /** For messages: `ServiceCIDR kubernetes`. */
  readonly where: string;
  readonly cidrs: readonly string[];
}

/** What a cluster shows of the address blocks of one kind. */
export interface BlockFacts {
  /** By the operator; empty: none. */
  readonly given: readonly string[];
  /** By an earlier run, in the cluster. */
  readonly recorded: readonly string[];
  /** In the order of trust. */
  readonly found: readonly FoundBlocks[];
}

/** What is recorded of the blocks of one kind. */
export interface Blocks {
  /** Empty: they are not known. */
  readonly cidrs: readonly string[];
  readonly finding: Finding;
}

/**
 * Which blocks the services or the pods of a cluster have: what the operator says, else what an earlier run recorded,
 * else what the cluster shows.
 *
 * @param kind `service` or `pod`, as in the flag
 */
export function blocksOf(kind: 'service' | 'pod', { given, recorded, found }: BlockFacts): Blocks {
  const about = `addresses of ${kind}s`;
  const check = `network.${kind}`;
  const known = [
    { where: `--${kind}-cidr`, cidrs: given },
    { where: 'as recorded before', cidrs: recorded },
    ...found,
  ].find(({ cidrs }) => cidrs.length > 0 && cidrs.every(text => parseCidr(text) !== undefined));
  if (known !== undefined) {
    const { cidrs, where } = known;
    return { cidrs, finding: { check, about, verdict: 'good', found: `${cidrs.join(', ')} (${where})` } };
  }
  return {
    cidrs: [],
    finding: {
      check,
      about,
      verdict: 'unknown',
      found:
        'the cluster does not show them, so nobody can tell whether they overlap with those of another one',
      remedy: `give them with --${kind}-cidr`,
    },
  };
}
