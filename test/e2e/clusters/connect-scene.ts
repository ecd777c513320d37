import { join } from 'node:path';
import * as v from 'valibot';
import { Connect } from '../../../src/views/connect.ts';
import { Disconnect } from '../../../src/views/disconnect.ts';
import type { Bed } from '../bed/bed.ts';
import type { Cluster } from '../bed/cluster.ts';
import { type Connection, connectionBetween, objectsIn } from '../bed/connection.ts';
import { Member } from '../bed/member.ts';
import { type Ended, Operator } from '../bed/operator.ts';
import { sharedBed } from '../bed/shared.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/leftovers.ts';

export const pair = ['--context', 'east', '--destination-context', 'west'];
/** The kinds that a connection consists of in each cluster, without what goes with its namespace. */
export const kindsOfConnection = [
  'ClusterRoleBinding',
  'Namespace',
  'RemoteCluster',
  'RoleBinding',
  'Secret',
];

const pairs = [
  ['east', 'west'],
  ['east', 'north'],
  ['west', 'north'],
] as const;

/** Clusters of the shared bed whose controllers run, and who connects them. */
export class ConnectScene {
  readonly bed: Bed;
  readonly members: readonly Member[];
  readonly operator: Operator;
  readonly folder: TemporaryFolder;

  private constructor(bed: Bed, members: readonly Member[], operator: Operator, folder: TemporaryFolder) {
    this.bed = bed;
    this.members = members;
    this.operator = operator;
    this.folder = folder;
  }

  static async set(): Promise<ConnectScene> {
    const folder = await temporaryFolder('connect');
    const bed = await sharedBed();
    const members = await Promise.all(bed.clusters.map(cluster => Member.install(cluster)));
    await Promise.all(members.map(member => member.startController()));
    const operator = await Operator.of(join(folder.path, 'kubeconfig'), bed.clusters);
    return new ConnectScene(bed, members, operator, folder);
  }

  cluster(name: string): Cluster {
    return this.bed.cluster(name);
  }

  /** All clusters run, and none knows of another. */
  async part(): Promise<void> {
    await this.bed.restore();
    const remotes = await Promise.all(this.bed.clusters.map(remotesOf));
    if (remotes.every(found => found.length === 0)) return;
    for (const [one, other] of pairs) {
      const ended = await this.operator.run(['disconnect', '--context', one, '--destination-context', other]);
      if (ended.code !== 0) throw new Error(ended.told);
    }
  }

  async end(): Promise<void> {
    await this.part();
    await Promise.all(this.members.map(member => member.leave()));
    await this.folder.remove();
  }

  connect(...args: string[]): Promise<Ended> {
    return this.operator.run(['connect', ...pair, ...args]);
  }

  /** @throws where it does not end well */
  async connected(...args: string[]): Promise<Connect> {
    const ended = await this.connect(...args, '-o', 'json');
    if (ended.code !== 0) throw new Error(`${ended.told}${ended.output}`);
    return connectOf(ended);
  }

  disconnect(...args: string[]): Promise<Ended> {
    return this.operator.run(['disconnect', ...pair, ...args]);
  }

  /** By cluster, what is in it. */
  async everything(): Promise<Record<string, readonly string[]>> {
    const found = this.bed.clusters.map(async cluster => [cluster.name, await objectsIn(cluster)] as const);
    return Object.fromEntries(await Promise.all(found));
  }

  connection(reader: string, source: string): Promise<Connection> {
    return connectionBetween(this.cluster(reader), this.cluster(source));
  }
}

async function remotesOf(cluster: Cluster): Promise<string[]> {
  return (await objectsIn(cluster)).filter(one => /RemoteCluster|Namespace \/causeway-exports-/.test(one));
}

export function connectOf({ output }: Pick<Ended, 'output'>): Connect {
  return v.parse(Connect, JSON.parse(output));
}

export function disconnectOf({ output }: Pick<Ended, 'output'>): Disconnect {
  return v.parse(Disconnect, JSON.parse(output));
}

/** Each kind of change that was made, once. */
export function changesOf({ links }: Connect): string[] {
  const changes = links.flatMap(({ inSource, inReader }) =>
    [...inSource, ...inReader].map(({ change }) => change),
  );
  return [...new Set(changes)].toSorted();
}
