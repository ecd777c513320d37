import { cidrs } from './cidrs.ts';
import { clock } from './clock.ts';
import { components } from './components.ts';
import { coreDns } from './coredns.ts';
import { credential } from './credential.ts';
import { dataPath } from './data-path.ts';
import { definitions } from './definitions.ts';
import { dnsAnswers } from './dns-answers.ts';
import { dnsService } from './dns-service.ts';
import { exports } from './exports.ts';
import type { Family } from './family.ts';
import { identity } from './identity.ts';
import { nodes } from './nodes.ts';
import { operator } from './operator.ts';
import { pair } from './pair.ts';
import { reach } from './reach.ts';
import { remotes } from './remotes.ts';
import { tls } from './tls.ts';

/** Every family of checks, in the order in which a person would look: what comes first explains what comes later. */
export const FAMILIES: readonly Family[] = [
  reach,
  tls,
  clock,
  operator,
  definitions,
  components,
  identity,
  credential,
  remotes,
  exports,
  pair,
  nodes,
  cidrs,
  dnsService,
  dnsAnswers,
  coreDns,
  dataPath,
];

/** Names of all checks. */
export const CHECKS: readonly string[] = FAMILIES.flatMap(({ checks }) => Object.keys(checks));
