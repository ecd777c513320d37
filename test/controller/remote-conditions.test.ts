import { describe, expect, test } from 'vitest';
import { CausewayError } from '../../src/base/errors.ts';
import { type HealthState, initialHealth, step } from '../../src/controller/health.ts';
import { type RemoteFacts, remoteConditionsOf } from '../../src/controller/remote-conditions.ts';
import { factsOfFault } from '../../src/controller/remote-fault.ts';
import { ApiError } from '../../src/kube/api-error.ts';

const limits = { lostAfter: 15_000, backAfter: 5_000 };

const well: RemoteFacts = {
  contact: { reason: 'Answering' },
  sync: { reason: 'Synced' },
  health: initialHealth(0),
  limits,
};

/** `type=status reason`, and the messages. */
function conditions(facts: Partial<RemoteFacts>) {
  const list = remoteConditionsOf({ ...well, ...facts });
  return {
    short: list.map(({ type, status, reason }) => `${type}=${status} ${reason}`),
    messages: list.map(({ message }) => message),
  };
}

function lost(): HealthState {
  let state = initialHealth(0);
  for (let at = 3_000; at <= 15_000; at += 3_000) state = step(state, { at, answered: false }, limits);
  return state;
}

test('a cluster that is well', () => {
  expect(conditions({}).short).toEqual([
    'ControlPlaneReachable=True Answering',
    'Synced=True Synced',
    'Serving=True Serving',
  ]);
});

test('whether a cluster that nothing is known of yet serves is unknown, which takes nothing from it', () => {
  const { short } = conditions({ contact: { reason: 'Connecting' }, sync: { reason: 'Syncing' } });
  expect(short).toEqual([
    'ControlPlaneReachable=Unknown Connecting',
    'Synced=False Syncing',
    'Serving=Unknown NothingImported',
  ]);
});

describe('Serving', () => {
  test('False: lost', () => {
    const { short, messages } = conditions({ health: lost() });
    expect(short[2]).toBe('Serving=False Lost');
    expect(messages[2]).toBe(
      'The API server has been silent for 15 s: traffic goes to other clusters where there are any. ' +
        'Mend what ControlPlaneReachable says; the cluster is back when the server has answered every time for 5 s.',
    );
  });

  test('False: on its way back', () => {
    const health = step(lost(), { at: 18_000, answered: true }, limits);
    expect(conditions({ health }).short[2]).toBe('Serving=False Returning');
  });

  test('does not change from one probe to the next', () => {
    const health = lost();
    const later = step(health, { at: 18_000, answered: false }, limits);
    expect(conditions({ health: later })).toEqual(conditions({ health }));
  });
});

describe('what a fault means', () => {
  const tls = Object.assign(new Error('certificate has expired'), { code: 'CERT_HAS_EXPIRED' });
  const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6443'), { code: 'ECONNREFUSED' });
  const api = (status: number) => new ApiError('list', { status, reason: '', message: 'no' });

  test.each<[string, unknown, string, string]>([
    ['it cannot be read', new CausewayError('OBJECT_INVALID', 'x'), 'False SpecInvalid', 'False Unreached'],
    ['no such Secret', new CausewayError('SECRET_MISSING', 'x'), 'False SecretMissing', 'False Unreached'],
    [
      'a bad kubeconfig',
      new CausewayError('KUBECONFIG_INVALID', 'x'),
      'False KubeconfigInvalid',
      'False Unreached',
    ],
    ['nothing listens', unreachable(refused), 'False NoAnswer', 'False Unreached'],
    [
      'nothing listens at any address',
      unreachable(new AggregateError([refused])),
      'False NoAnswer',
      'False Unreached',
    ],
    ['an expired certificate', unreachable(tls), 'False TLSFailed', 'False Unreached'],
    [
      'silence',
      AbortSignal.abort(new DOMException('', 'TimeoutError')).reason,
      'False NoAnswer',
      'False Unreached',
    ],
    ['a login page', new CausewayError('API_ANSWER_INVALID', 'x'), 'False AnswerInvalid', 'False Unreached'],
    ['a bad token', api(401), 'True CredentialRefused', 'False CredentialRefused'],
    ['a missing role', api(403), 'True CredentialRefused', 'False CredentialRefused'],
    ['no such kind', api(404), 'True Answering', 'False CRDsMissing'],
    ['its store is away', api(500), 'True Answering', 'False ServerFailed'],
    ['no id', new CausewayError('CLUSTER_ID_MISSING', 'x'), 'True Answering', 'False ClusterIdMissing'],
    ["another's id", new CausewayError('CLUSTER_ID_TAKEN', 'x'), 'True Answering', 'False ClusterIdTaken'],
    ['a fault of ours', new TypeError('x is not a function'), 'False ConnectFailed', 'False Unreached'],
    ['anything', 'x', 'False ConnectFailed', 'False Unreached'],
  ])('%s', (_name, fault, reachable, synced) => {
    const { short } = conditions(factsOfFault(fault));
    const isAsked = !/SpecInvalid|SecretMissing|KubeconfigInvalid|ClusterIdTaken/.test(reachable + synced);
    const serving = isAsked ? 'True Serving' : 'Unknown NothingImported';
    expect(short).toEqual([`ControlPlaneReachable=${reachable}`, `Synced=${synced}`, `Serving=${serving}`]);
  });

  function unreachable(cause: Error): CausewayError {
    return new CausewayError('API_UNREACHABLE', `could not list: ${cause.message}`, { cause });
  }

  test('is told where it belongs, once, and the other condition points there', () => {
    const { messages } = conditions(factsOfFault(unreachable(refused)));
    expect(messages.slice(0, 2)).toEqual([
      'could not list: connect ECONNREFUSED 10.0.0.1:6443. The API server gives no answer.',
      'The cluster cannot be read; see condition ControlPlaneReachable. What was last heard of the cluster is kept.',
    ]);
  });

  test('says what to do', () => {
    const { messages } = conditions(factsOfFault(api(403)));
    expect(messages.slice(0, 2)).toEqual([
      'The API server answers, but refuses the credential; see condition Synced.',
      'could not list: 403: no. Put a credential into the Secret that may read what the other cluster publishes for ' +
        'this one (`causeway connect` does). What was last heard of the cluster is kept.',
    ]);
  });

  test('is cut where it is longer than anybody reads', () => {
    const [reachable] = conditions({ contact: { reason: 'NoAnswer', found: 'x'.repeat(100_000) } }).messages;
    expect(reachable).toHaveLength(1024 + '…. The API server gives no answer.'.length);
  });
});
