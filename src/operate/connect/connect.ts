import { preflight, withoutAnswered, withoutUnused } from '../../connect/preflight.ts';
import type { RemoteWishes } from '../../manifests/remote-cluster.ts';
import type { Connect, ConnectLink } from '../../views/connect.ts';
import { nothingBad } from '../../views/finding.ts';
import type { OpenedCluster } from '../cluster.ts';
import { deployFiles } from '../deploy-files.ts';
import { type Step, stepThatMayFail } from '../step.ts';
import { leftovers } from './leftovers.ts';
import { type Direction, type LinkOptions, link } from './link.ts';
import { lookAtMember, type Member } from './member.ts';
import { surroundings } from './surroundings.ts';
import { untilFollowed } from './wait.ts';

/** A cluster, and what the operator says of it. */
export interface MemberWish extends RemoteWishes {
  readonly cluster: OpenedCluster;
  /** The address that the others use; undefined: the operator's own. */
  readonly serverOverride: string | undefined;
}

export interface ConnectOptions
  extends Pick<LinkOptions, 'namespace' | 'lifetime' | 'skipServerCheck' | 'dryRun'> {
  /** Only the first reads the others. */
  readonly oneWay: boolean;
  /** Connect clusters all the same whose pods or Services have the same addresses. */
  readonly allowOverlap: boolean;
  /** Milliseconds for all to be followed; 0: that is not waited for. */
  readonly timeout: number;
}

/**
 * Connects clusters with each other, each with each. Whatever was written before it ended early is taken up the next
 * time.
 */
export async function connectClusters(
  wishes: readonly MemberWish[],
  options: ConnectOptions,
  step: Step,
  signal: AbortSignal,
): Promise<Connect> {
  const { oneWay, dryRun } = options;
  const { files, members, findings } = await step('Look at the clusters', () =>
    look(wishes, options, signal),
  );
  if (!nothingBad(findings)) return { dryRun, findings, links: [] };
  const named = members.map(withId);
  const links: ConnectLink[] = [];
  const directions = directionsOf(named, oneWay);
  for (const direction of directions) {
    const wish = wishes[named.indexOf(direction.source)];
    if (wish === undefined) continue;
    findings.push(...(await leftovers(direction, options, signal)));
    const linked = await link(direction, { ...options, files, wishes: wish }, step, signal);
    links.push({ ...linked, synced: 'Unknown', serving: 'Unknown' });
  }
  const facts = members.map(member => member.facts);
  const told = withoutUnused(findings, facts, links);
  if (dryRun || options.timeout === 0) return { dryRun, findings: told, links };
  const followed = await follow(directions, options, step, signal);
  const known = links.map((one, index) => {
    const { synced, serving } = followed[index] ?? one;
    return { ...one, synced, serving };
  });
  const left = withoutAnswered(told, facts, known);
  return { dryRun, findings: [...left, ...followed.map(({ finding }) => finding)], links: known };
}

async function look(
  wishes: readonly MemberWish[],
  { namespace, allowOverlap, skipServerCheck }: ConnectOptions,
  signal: AbortSignal,
) {
  const looking = wishes.map(({ cluster, serverOverride: server }) => {
    const override = server === undefined ? undefined : { server, isUnasked: skipServerCheck };
    return lookAtMember(cluster, override, namespace, signal);
  });
  const [files, ...members] = await Promise.all([deployFiles(), ...looking]);
  const clusters = wishes.map(({ cluster }) => cluster);
  const more = await surroundings(clusters, namespace, allowOverlap, signal);
  return { files, members, findings: [...preflight(members.map(({ facts }) => facts)), ...more] };
}

function follow(directions: readonly Direction[], options: ConnectOptions, step: Step, signal: AbortSignal) {
  const { namespace, timeout } = options;
  return Promise.all(
    directions.map(({ reader, source }) =>
      stepThatMayFail(
        step,
        `Wait until ${reader.id} follows ${source.id}`,
        detail => {
          const { client } = reader.cluster;
          const following = { client, reader: reader.id, source: source.id, namespace, timeout };
          return untilFollowed(following, detail, signal);
        },
        ({ finding }) => (finding.verdict === 'good' ? undefined : finding.found),
      ),
    ),
  );
}

function withId(member: Member): Member & { readonly id: string } {
  const { clusterId } = member.facts;
  if (clusterId === undefined) throw new Error('a cluster without an id was let through');
  return { ...member, id: clusterId };
}

function directionsOf(members: readonly Direction['reader'][], oneWay: boolean): Direction[] {
  const [first] = members;
  const all = members.flatMap(reader =>
    members.flatMap(source => (source === reader ? [] : [{ reader, source }])),
  );
  return oneWay ? all.filter(({ reader }) => reader === first) : all;
}
