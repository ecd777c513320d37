import type { Known } from '../../base/known.ts';
import { targetsIn } from '../../diagnose/dns-service.ts';
import type { LargestAnswer, Objects, Probe, ProbedAnswer, Tried } from '../../diagnose/facts.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { MCS_SERVICE_NAME } from '../../objects/names.ts';
import { askServer } from '../lookup/dns-client.ts';
import { known } from './attempt.ts';

/** Milliseconds for one try: what is reached at all is near. */
const TIMEOUT = 1_000;
const DNS_PORT = 53;
/** Daemons that are asked. */
const MOST = 4;
/** Services and slices that are looked through for the largest answer. */
const PAGE = 500;

/**
 * Asks the DNS daemons for real, over UDP and over TCP: through the Service, and each of them itself.
 *
 * @param clusterIps of the Service in front of them
 */
export async function probesOf(
  endpointSlices: Objects,
  clusterIps: readonly string[],
  zone: string,
  signal: AbortSignal,
): Promise<Known<readonly Probe[]>> {
  const targets = targetsIn(endpointSlices, 'UDP');
  if ('unknown' in targets) return targets;
  const services = clusterIps.map(address => ({ address, port: DNS_PORT }));
  const question = { name: zone, type: 'SOA' } as const;
  const probes = [...services, ...targets.value.slice(0, MOST)].map(async server => {
    const ask = (tcp: boolean) =>
      askServer(server, question, { tcp, timeout: TIMEOUT }, signal).then(answerOf);
    const [udp, tcp] = await Promise.all([ask(false), ask(true)]);
    return { target: `${server.address} port ${server.port}`, udp, tcp };
  });
  return { value: await Promise.all(probes) };
}

/**
 * The answer with the most addresses, of those that a first look shows: that of the imported headless service with the
 * most endpoints.
 */
export async function largestAnswer(
  client: ApiClient,
  endpointSlices: Objects,
  zone: string,
  signal: AbortSignal,
): Promise<Known<LargestAnswer | undefined>> {
  const largest = await known(largestService(client, signal));
  if ('unknown' in largest || largest.value === undefined) return largest as { value: undefined };
  const name = `${largest.value}.svc.${zone}`;
  const targets = targetsIn(endpointSlices, 'UDP');
  const [server] = 'unknown' in targets ? [] : targets.value;
  if (server === undefined) return { value: { name, answer: { unknown: 'there is no daemon to ask' } } };
  const asked = await askServer(server, { name, type: 'A' }, { tcp: false, timeout: TIMEOUT }, signal);
  return { value: { name, answer: answerOf(asked) } };
}

/** `service.namespace`; undefined: no headless service is imported. */
async function largestService(client: ApiClient, signal: AbortSignal): Promise<string | undefined> {
  const [imports, slices] = await Promise.all([
    client.list(RESOURCES.serviceImports, { limit: PAGE }, signal),
    client.list(RESOURCES.endpointSlices, { limit: PAGE, labelSelector: MCS_SERVICE_NAME }, signal),
  ]);
  const headless = new Set(
    imports.items
      .filter(({ spec }) => Object(spec).type === 'Headless')
      .map(({ metadata }) => keyOf(metadata, metadata.name)),
  );
  const counts = new Map<string, number>();
  for (const { metadata, endpoints } of slices.items) {
    const key = keyOf(metadata, metadata.labels?.[MCS_SERVICE_NAME] ?? '');
    const count = Array.isArray(endpoints) ? endpoints.length : 0;
    if (headless.has(key)) counts.set(key, (counts.get(key) ?? 0) + count);
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

function keyOf({ namespace = '' }: RawObject['metadata'], name: string): string {
  return `${name}.${namespace}`;
}

function answerOf(asked: Awaited<ReturnType<typeof askServer>>): Tried<ProbedAnswer> {
  if (!asked.answered) return { failed: asked.reason };
  const { transport, milliseconds, reply } = asked;
  // Some networks answer every question themselves, whomever it was sent to.
  const isOurs = reply.flags.includes('aa') || reply.nsid !== undefined;
  if (!isOurs) return { failed: `what answers (${reply.rcode}) is not Causeway` };
  const records = reply.answers.filter(({ type }) => type === 'A' || type === 'AAAA').length;
  return { value: { rcode: reply.rcode, records, transport, milliseconds: Math.ceil(milliseconds) } };
}
