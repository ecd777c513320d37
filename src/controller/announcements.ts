import type { Remark } from '../desired/model.ts';
import type { ApiClient, RawObject } from '../kube/client.ts';
import { EventRecorder, type EventType } from '../kube/events.ts';
import { apiVersionOf, RESOURCES, resourceOf } from '../kube/resource.ts';
import { type Problem, problemText } from '../objects/problem.ts';
import type { Condition, RemoteClusterObject } from '../objects/shapes.ts';
import { timestampText } from '../objects/timestamp.ts';
import type { Logger } from '../ops/log.ts';
import type { ProblemSink } from './local-reading.ts';

type Kind = 'Service' | 'ServiceExport' | 'ServiceImport' | 'RemoteCluster';

interface About {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

/** Objects whose problems are kept for the day on which this process leads. */
const KEPT = 1_000;

/** What the owners of objects have to know, as Events beside these objects. Only a leader speaks. */
export class Announcements implements ProblemSink {
  readonly #events: EventRecorder;
  readonly #problems = new Map<string, () => void>();
  readonly #log: Logger;
  #leading = false;

  constructor(client: ApiClient, identity: string | undefined, log: Logger) {
    this.#log = log;
    this.#events = new EventRecorder({ client, instance: identity ?? 'causeway-controller', log });
  }

  /** From now on this process speaks, or no longer does. */
  lead(leading: boolean): void {
    this.#leading = leading;
    if (leading) for (const tell of this.#problems.values()) tell();
  }

  /** What has become of the connection to a remote cluster. */
  remoteChanged(name: string, uid: string, { type, status, reason, message }: Condition): void {
    const told = `RemoteCluster ${name}: ${type} is ${status} (${reason}): ${message}`;
    this.#log[status === 'True' ? 'info' : 'warn'](told);
    this.#remote({ name, uid }, status === 'True' ? 'Normal' : 'Warning', reason, `${type}: ${message}`);
  }

  /** The credential for a remote cluster was replaced by one that holds longer. */
  credentialRenewed(remote: RemoteClusterObject, until: number): void {
    this.#remote(
      remote,
      'Normal',
      'CredentialRenewed',
      `the credential is good until ${timestampText(until)} now`,
    );
  }

  /** It could not be, and is tried again. */
  credentialNotRenewed(remote: RemoteClusterObject, until: number, fault: string): void {
    const message =
      `the credential ends at ${timestampText(until)} and could not be renewed, which is tried again: ${fault}. ` +
      'If it stays so, `causeway connect` makes a new one';
    this.#remote(remote, 'Warning', 'CredentialNotRenewed', message);
  }

  /** A service that could not be written. */
  notWritten(kind: 'ServiceExport' | 'ServiceImport', key: string, fault: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const message = `not everything could be written for it, and it is tried again: ${fault}`;
    this.#warn({ kind, namespace, name }, 'NotWritten', message);
  }

  remark({ about, reason, message }: Remark): void {
    this.#warn(about, reason, message);
  }

  /** What is wrong with an object as it is now. */
  problems(raw: RawObject, kind: Kind, problems: readonly Problem[]): void {
    const { namespace, name, uid } = raw.metadata;
    const id = `${kind} ${namespace}/${name}`;
    this.#problems.delete(id);
    if (problems.length === 0) return;
    const about = { kind, name, ...(namespace && { namespace }), ...(uid && { uid }) };
    const tell = (): void => {
      for (const problem of problems) this.#warn(about, 'InvalidValue', problemText(problem));
    };
    if (this.#problems.size < KEPT) this.#problems.set(id, tell);
    if (this.#leading) tell();
  }

  #remote(
    { name, uid }: { readonly name: string; readonly uid: string },
    type: EventType,
    reason: string,
    message: string,
  ): void {
    const { kind } = RESOURCES.remoteClusters;
    this.#events.emit(
      { apiVersion: apiVersionOf(RESOURCES.remoteClusters), kind, name, uid },
      type,
      reason,
      message,
    );
  }

  #warn(about: About, reason: string, message: string): void {
    const apiVersion = apiVersionOf(resourceOf(about.kind));
    this.#events.emit({ ...about, apiVersion }, 'Warning', reason, message);
  }
}
