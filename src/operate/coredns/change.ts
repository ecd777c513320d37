import type { Clock } from '../../base/clock.ts';
import { CausewayError, messageOf } from '../../base/errors.ts';
import { diffOf, textName } from '../../corefile/change.ts';
import type { CoreDnsReplica } from '../../corefile/facts.ts';
import { hasBlock } from '../../corefile/judge.ts';
import { mapName } from '../../corefile/places.ts';
import { takingUp } from '../../corefile/taking-up.ts';
import { nobody } from '../../health/coredns.ts';
import { putBack, stillThere, tookUp, toRestart } from '../../health/coredns-change.ts';
import type { ApiClient } from '../../kube/client.ts';
import type { CoreDnsChange } from '../../views/coredns-change.ts';
import type { Finding } from '../../views/finding.ts';
import type { OperatedCluster } from '../cluster.ts';
import { type Operation, stepThatMayFail } from '../step.ts';
import { replicasOf } from './gather.ts';
import { editOf, type Part, type PlanOptions, planOf, writePart } from './plan.ts';
import { restartPods } from './restart.ts';
import { type Awaited, type Settled, untilTakenUp } from './settle.ts';
import { takeBack } from './write.ts';

export interface ChangeOptions extends PlanOptions {
  readonly dryRun: boolean;
  /** Whether pods that do not take up changes by themselves may be started anew. */
  readonly restart: boolean;
  /** Milliseconds to wait until every pod runs it; 0: not at all. */
  readonly waitDuration: number;
}

/**
 * Puts the stanza into the Corefiles of a cluster, or takes it out; waits until every pod runs them, and puts the
 * former texts back where one does not. May be ended anywhere, which leaves every text either old or new, and be run
 * again.
 *
 * @throws CausewayError COREFILE_*, COREDNS_OPERATED, COREDNS_RELOAD_MISSING, DNS_ADDRESS_UNKNOWN: nothing is written
 */
export async function changeCoreDns(
  { client, context }: OperatedCluster,
  options: ChangeOptions,
  operation: Operation,
  clock: Clock,
): Promise<CoreDnsChange> {
  const { zone, dryRun } = options;
  const run = new Run(client, options, operation, clock);
  const { parts, findings, rolledBack } = await run.do();
  return { context, zone, dryRun, rolledBack, changes: parts.map(shown), findings: [...findings] };
}

interface Ended {
  readonly parts: readonly Part[];
  readonly rolledBack: boolean;
  readonly findings: readonly Finding[];
}

class Run {
  readonly #client: ApiClient;
  readonly #options: ChangeOptions;
  readonly #operation: Operation;
  readonly #clock: Clock;

  constructor(client: ApiClient, options: ChangeOptions, operation: Operation, clock: Clock) {
    this.#client = client;
    this.#options = options;
    this.#operation = operation;
    this.#clock = clock;
  }

  async do(): Promise<Ended> {
    const { dryRun, restart, waitDuration } = this.#options;
    const { step, signal } = this.#operation;
    const edit = await editOf(this.#client, this.#options, signal);
    const { parts: planned } = await step('Look at the Corefiles', () =>
      planOf(this.#client, this.#options, edit, signal),
    );
    const before = await this.#replicas(planned);
    const deaf = planned.filter(part => !part.reloads && (part.reread || isBehind(part, before)));
    const told = restart ? [] : deaf.map(({ place }) => toRestart(place));
    if (dryRun) return { parts: planned, rolledBack: false, findings: told };
    const [first] = deaf;
    if (first !== undefined && !restart && waitDuration > 0) throw reloadMissing(first);
    const parts = await step('Write the Corefiles', () =>
      this.#write(planned, part => writePart(this.#client, part, this.#options, edit, signal)),
    );
    await this.#restart(deaf);
    if (waitDuration === 0) return { parts, rolledBack: false, findings: told };
    return this.#settle(parts, before);
  }

  #replicas(parts: readonly Awaited[]): Promise<CoreDnsReplica[]> {
    return replicasOf(
      this.#client,
      parts.map(({ place }) => place),
      this.#operation.signal,
    );
  }

  /** All of them, or none but where somebody wants it to end. */
  async #write(planned: readonly Part[], write: (part: Part) => Promise<Part>): Promise<readonly Part[]> {
    const { signal } = this.#operation;
    const written: Part[] = [];
    try {
      for (const part of planned) written.push(await write(part));
      return written;
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      for (const { change } of written) await takeBack(this.#client, change, signal);
      throw thrown;
    }
  }

  /** Those that would not see by themselves that their Corefile has changed. */
  async #restart(deaf: readonly Awaited[]): Promise<void> {
    const { step, signal } = this.#operation;
    if (deaf.length === 0 || !this.#options.restart) return;
    await step('Start its pods anew', async () => {
      const time = new Date().toISOString();
      await restartPods(this.#client, await this.#replicas(deaf), time, signal);
    });
  }

  async #settle(parts: readonly Part[], before: readonly CoreDnsReplica[]): Promise<Ended> {
    const settled = await this.#wait('Wait until every pod runs it', parts, before);
    const { zone } = this.#options;
    const lonely = settled.lonely.map(({ pods }) => nobody(pods, zone));
    const findings = [...tookUp(settled.pods, zone), ...lonely];
    const changed = parts.filter(({ aim }) => aim.changed);
    if (settled.verdict !== 'take-back' || changed.length === 0)
      return { parts, rolledBack: false, findings };
    const back = await this.#rollBack(changed);
    const rolledBack = back.every(({ check }) => check !== stillThere.check);
    // What was well with the new text is so no more.
    const reasons = findings.filter(({ verdict }) => verdict !== 'good');
    return { parts, rolledBack, findings: [...reasons, ...back] };
  }

  async #wait(
    title: string,
    awaited: readonly Awaited[],
    before: readonly CoreDnsReplica[],
  ): Promise<Settled> {
    const { step, signal } = this.#operation;
    const timeout = this.#options.waitDuration;
    return stepThatMayFail(
      step,
      title,
      detail => {
        const options = { before, timeout, detail, clock: this.#clock, signal };
        return untilTakenUp(this.#client, awaited, options);
      },
      unsettled,
    );
  }

  async #rollBack(parts: readonly Part[]): Promise<Finding[]> {
    const { step, signal } = this.#operation;
    const before = await this.#replicas(parts);
    const findings: Finding[] = [];
    await step('Put the former Corefiles back', async () => {
      for (const { change } of parts) {
        try {
          await takeBack(this.#client, change, signal);
          findings.push(putBack(change));
        } catch (thrown) {
          signal.throwIfAborted();
          findings.push(stillThere.finding(change, messageOf(thrown)));
        }
      }
    });
    await this.#restart(parts.filter(({ reloads }) => !reloads));
    const { zone } = this.#options;
    const former = parts.map(({ place }) => ({
      place,
      aim: { zone, present: hasBlock(place, zone), changed: false, renewed: false },
    }));
    const settled = await this.#wait('Wait until every pod runs as before', former, before);
    return [
      ...findings,
      ...tookUp(
        settled.pods.filter(({ state }) => state !== 'runs'),
        zone,
      ),
    ];
  }
}

/** Why a wait came to nothing; undefined: it did not. */
function unsettled({ verdict, pods }: Settled): string | undefined {
  if (verdict === 'done') return undefined;
  const [first] = pods.filter(({ state }) => state !== 'runs');
  return first === undefined ? 'there are no pods' : `${first.pod.name} ${first.says}`;
}

/** Whether a pod runs another text than the one that is there already. */
function isBehind({ place, aim }: Part, replicas: readonly CoreDnsReplica[]): boolean {
  return replicas
    .filter(({ corefile }) => corefile === mapName(place.main))
    .some(replica => takingUp(replica, replica, { ...aim, renewed: false }).state === 'waits');
}

function shown({ change }: Part): CoreDnsChange['changes'][number] {
  const { target, before, after } = change;
  const word =
    before === after
      ? 'unchanged'
      : before === undefined
        ? 'created'
        : after === undefined
          ? 'removed'
          : 'changed';
  return { configMap: mapName(target), key: target.key, change: word, diff: diffOf(change) };
}

function reloadMissing({ place }: Part): CausewayError {
  return new CausewayError(
    'COREDNS_RELOAD_MISSING',
    `${textName(place.main)}: found no \`reload\` in any block, so CoreDNS does not see changes of it; ` +
      'give --restart to have its pods started anew, one after the other, or add `reload` to a block',
  );
}
