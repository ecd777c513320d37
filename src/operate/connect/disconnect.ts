import { CausewayError, messageOf } from '../../base/errors.ts';
import { privateExportsNamespace } from '../../desired/publication.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { DeployFiles } from '../../manifests/manifest.ts';
import { kubeconfigSecretName } from '../../manifests/remote-cluster.ts';
import type { Disconnect } from '../../views/disconnect.ts';
import type { Finding } from '../../views/finding.ts';
import type { OpenedCluster } from '../cluster.ts';
import { clusterIdOf } from '../cluster-id.ts';
import { deployFiles } from '../deploy-files.ts';
import { type Step, stepThatMayFail } from '../step.ts';
import { untilFound } from '../until-found.ts';
import { knownRemotes, remotesIn } from './peer.ts';
import { admission, isThere, type Removal, type Removed, removeAdmission, removeReading } from './remove.ts';

export interface DisconnectOptions {
  readonly namespace: string;
  /** Only the first no longer reads the other. */
  readonly oneWay: boolean;
  readonly dryRun: boolean;
}

/** The other cluster: by the operator's context, or by the name that it has here. */
export type Peer = { readonly cluster: OpenedCluster } | { readonly name: string };

/** Milliseconds for an answer: one that is alive gives it in a tenth of a second. */
const PATIENCE = 5_000;
/** Milliseconds for a namespace to be gone. */
const ENDING = 30_000;

/**
 * Takes a connection apart: here, and in the other cluster if that can be reached. Nothing is required of either; what
 * is not there need not be removed.
 */
export async function disconnectClusters(
  cluster: OpenedCluster,
  peer: Peer,
  options: DisconnectOptions,
  step: Step,
  signal: AbortSignal,
): Promise<Disconnect> {
  const [files, ownId] = await Promise.all([deployFiles(), clusterIdOf(cluster.client, signal)]);
  // Whether it answers at all may take long to find out, and most of what is to be done here does not depend on it.
  const reaching = 'cluster' in peer ? ask(peer.cluster, step, signal) : undefined;
  // Heard by whoever waits for it; what fails before that must not end the process.
  reaching?.catch(() => {});
  const name = 'name' in peer ? peer.name : await nameOf(cluster, peer.cluster, reaching, options, signal);
  if (name === ownId) throw itself(cluster, name);
  const here = { ...options, cluster, id: ownId ?? cluster.context, peer: name };
  const [mine, theirs] = await Promise.all([
    atHome(files, here, step, signal),
    atPeer(files, here, peer, reaching, step, signal),
  ]);
  // Of what a name that means nobody may have left elsewhere, there is nothing to say.
  const isNobody = 'name' in peer && mine.objects.length === 0;
  const theirFindings = isNobody ? await misnamed(cluster, peer.name, signal) : theirs.findings;
  return {
    dryRun: options.dryRun,
    removed: [...mine.objects, ...theirs.objects],
    findings: [...mine.findings, ...theirFindings],
  };
}

function itself({ context }: OpenedCluster, id: string): CausewayError {
  const message = `the cluster to part ${context} from is ${id}, which is ${context} itself; name the other one`;
  return new CausewayError('SETTING_INVALID', message);
}

/** Where others are there, it was most likely one of them that was meant. */
async function misnamed(cluster: OpenedCluster, name: string, signal: AbortSignal): Promise<Finding[]> {
  const names = (await remotesIn(cluster, signal)).map(remote => remote.name);
  if (names.length === 0) return [];
  return [
    {
      check: 'disconnect.name',
      about: name,
      verdict: 'warning',
      found: `nothing of a cluster of that name is in ${cluster.context}, which reads ${names.join(', ')}`,
      remedy: 'if one of those was meant, run this again with its name',
    },
  ];
}

type Reached = { readonly id: string | undefined } | { readonly unreached: string };

function ask(cluster: OpenedCluster, step: Step, signal: AbortSignal): Promise<Reached> {
  const work = () => reach(cluster, signal);
  return stepThatMayFail(step, 'Ask the other cluster', work, reached =>
    'unreached' in reached ? reached.unreached : undefined,
  );
}

async function reach(cluster: OpenedCluster, signal: AbortSignal): Promise<Reached> {
  try {
    return {
      id: await clusterIdOf(cluster.client, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)])),
    };
  } catch (thrown) {
    signal.throwIfAborted();
    const isAnswer = thrown instanceof ApiError || thrown instanceof CausewayError;
    if (isAnswer) return { unreached: thrown.message };
    if (thrown instanceof DOMException) return { unreached: `no answer within ${PATIENCE / 1_000} s` };
    throw thrown;
  }
}

/** By what is known here, for then nobody has to wait; else by its own word. */
async function nameOf(
  cluster: OpenedCluster,
  peer: OpenedCluster,
  reaching: Promise<Reached> | undefined,
  { namespace }: DisconnectOptions,
  signal: AbortSignal,
): Promise<string> {
  const remotes = await knownRemotes(cluster, namespace, signal);
  const known = remotes.find(({ server }) => server === peer.connection.server);
  if (known !== undefined) return known.name;
  const there = await reaching;
  const id = there !== undefined && 'id' in there ? there.id : undefined;
  const found = id ?? remotes.find(({ name }) => name === peer.context)?.name;
  if (found !== undefined) return found;
  const names = remotes.map(({ name }) => name).join(', ') || 'none';
  throw new CausewayError(
    'REMOTE_UNKNOWN',
    `${peer.context} does not say who it is, and no RemoteCluster of ${cluster.context} leads to ${peer.connection.server}; ` +
      `name the one that is meant: causeway disconnect --context ${cluster.context} CLUSTER, of ${names}`,
  );
}

type Part = Removal & DisconnectOptions;

async function atHome(files: DeployFiles, here: Part, step: Step, signal: AbortSignal): Promise<Removed> {
  const { id, peer, oneWay } = here;
  const read = await step(`In ${id}, stop reading ${peer}`, () => removeReading(here, signal));
  return oneWay ? read : together(read, await admitNoMore(files, here, step, signal));
}

/** In the other cluster, the same from its side; if that cannot be done it is told. */
async function atPeer(
  files: DeployFiles,
  here: Part,
  peer: Peer,
  reaching: Promise<Reached> | undefined,
  step: Step,
  signal: AbortSignal,
): Promise<Removed> {
  const there = await reaching;
  const left = (reached: Reached | undefined) => ({
    objects: [],
    findings: [leftBehind(files, here, peer, reached)],
  });
  if (there === undefined || 'unreached' in there || !('cluster' in peer)) return left(there);
  const { id, peer: name, oneWay } = here;
  const other = { ...here, cluster: peer.cluster, id: name, peer: id };
  try {
    const read = oneWay
      ? NOTHING
      : await step(`In ${name}, stop reading ${id}`, () => removeReading(other, signal));
    return together(read, await admitNoMore(files, other, step, signal));
  } catch (thrown) {
    signal.throwIfAborted();
    return left({ unreached: messageOf(thrown) });
  }
}

const NOTHING: Removed = { objects: [], findings: [] };

function together(one: Removed, other: Removed): Removed {
  return { objects: [...one.objects, ...other.objects], findings: [...one.findings, ...other.findings] };
}

async function admitNoMore(
  files: DeployFiles,
  removal: Removal,
  step: Step,
  signal: AbortSignal,
): Promise<Removed> {
  const { cluster, id, peer, dryRun } = removal;
  const name = privateExportsNamespace(peer);
  const work = async (detail: (text: string) => void): Promise<Removed> => {
    const objects = await removeAdmission(files, removal, signal);
    if (dryRun) return { objects, findings: [] };
    const gone = await untilFound(ENDING, signal, async () => {
      detail(`until namespace ${name} is gone`);
      return (await isThere(cluster, name, signal)) ? undefined : true;
    });
    return { objects, findings: gone ? [] : [notGone(removal, name)] };
  };
  return stepThatMayFail(
    step,
    `In ${id}, let ${peer} read no more`,
    work,
    ({ findings: [left] }) => left?.found,
  );
}

function notGone({ cluster, id }: Removal, name: string): Finding {
  return {
    check: 'disconnect.namespace',
    about: id,
    verdict: 'warning',
    found: `namespace ${name} is being deleted, and still is after ${ENDING / 1_000} s`,
    remedy: `kubectl --context ${cluster.context} describe namespace ${name}`,
  };
}

/** What stays in a cluster that nobody could reach, and how it goes later. */
function leftBehind(
  files: DeployFiles,
  { id, peer: name, namespace, oneWay }: Removal & DisconnectOptions,
  peer: Peer,
  there: Reached | undefined,
): Finding {
  const reason = there !== undefined && 'unreached' in there ? there.unreached : undefined;
  const read = [`RemoteCluster ${id}`, `Secret ${namespace}/${kubeconfigSecretName(id)}`];
  const admitted = admission(files, id, namespace).map(
    one => `${one.kind} ${one.namespace === undefined ? '' : `${one.namespace}/`}${one.name}`,
  );
  const context = 'cluster' in peer ? peer.cluster.context : name;
  return {
    check: 'disconnect.peer',
    about: name,
    verdict: 'warning',
    found:
      `${reason === undefined ? 'it was not asked' : `it could not be reached (${reason})`}; if it still exists it has ` +
      `${[...(oneWay ? [] : read), ...admitted].join(', ')}`,
    remedy: `when it can be reached: causeway disconnect --context ${context} ${id}`,
  };
}
