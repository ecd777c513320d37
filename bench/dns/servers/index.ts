import { causeway } from './causeway.ts';
import { causewayDgram } from './causeway-dgram.ts';
import { causewayWeighted } from './causeway-weighted.ts';
import { coredns } from './coredns.ts';
import { echo } from './echo.ts';
import { knot } from './knot.ts';
import { nsd } from './nsd.ts';
import type { DnsServer } from './server.ts';

/** In the order of their turns. */
export const SERVERS: readonly DnsServer[] = [
  causeway,
  knot,
  nsd,
  echo,
  coredns,
  causewayWeighted,
  causewayDgram,
];
