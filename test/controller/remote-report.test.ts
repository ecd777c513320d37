import { describe, expect, test } from 'vitest';
import { CausewayError } from '../../src/base/errors.ts';
import { initialHealth } from '../../src/controller/health.ts';
import { RemoteReport } from '../../src/controller/remote-report.ts';
import { ApiError } from '../../src/kube/api-error.ts';

const LIMITS = { lostAfter: 15_000, backAfter: 5_000 };
const COMMON = ['slices in causeway-exports', 'services in causeway-exports'];
const PRIVATE = ['slices in causeway-exports-west', 'services in causeway-exports-west'];
const SILENCE = new CausewayError('API_UNREACHABLE', 'no answer within 3 s');
const REFUSAL = new ApiError('list', { status: 403, reason: 'Forbidden', message: 'no role' });

/** A report that is asked every three seconds. */
class Asked {
  readonly report = new RemoteReport(LIMITS, initialHealth(0));
  #now = 0;

  answers(times: number, answered = true): this {
    for (let time = 0; time < times; time++) {
      this.#now += 3_000;
      this.report.observed({ at: this.#now, answered });
    }
    return this;
  }

  get synced(): string {
    return this.report.facts.sync.reason;
  }
}

function connected(optional: readonly string[] = []): Asked {
  const asked = new Asked();
  asked.report.connected([...COMMON, ...PRIVATE], optional);
  return asked;
}

function listed(asked: Asked, lists: readonly string[]): Asked {
  for (const list of lists) {
    asked.report.fresh(list);
    asked.report.listed(list);
  }
  return asked;
}

describe('everything is read', () => {
  test('when each list is in, and not before', () => {
    const asked = listed(connected(), [...COMMON, PRIVATE[0] ?? '']);
    expect([asked.report.allListed, asked.synced]).toEqual([false, 'Syncing']);
    listed(asked, PRIVATE);
    expect([asked.report.allListed, asked.synced]).toEqual([true, 'Synced']);
  });

  test('even if the cluster gave no answer to a question just then', () => {
    const asked = listed(connected(), COMMON);
    asked.report.failed(SILENCE);
    listed(asked, PRIVATE);
    expect(asked.report.allListed).toBe(true);
  });

  test('before anything was connected: no', () => {
    expect(new Asked().report.allListed).toBe(false);
  });
});

describe('a list that need not be readable', () => {
  test('and is refused is missed by nobody, once it was refused for a while', () => {
    const asked = listed(connected(PRIVATE), COMMON);
    for (const list of PRIVATE) asked.report.stale(list, REFUSAL);
    expect([asked.report.allListed, asked.synced]).toEqual([false, 'Synced']);
    expect(asked.answers(4).report.allListed).toBe(false);
    expect(asked.answers(1).report.allListed).toBe(true);
  });

  test('and is late for another reason is waited for', () => {
    const asked = listed(connected(PRIVATE), COMMON);
    for (const list of PRIVATE) asked.report.stale(list, SILENCE);
    expect(asked.answers(20).report.allListed).toBe(false);
    expect(asked.synced).toBe('Unreached');
  });
});

test('a list that the kubeconfig names and that is refused is told of, and waited for', () => {
  const asked = listed(connected(), COMMON);
  for (const list of PRIVATE) asked.report.stale(list, REFUSAL);
  expect([asked.answers(20).report.allListed, asked.synced]).toEqual([false, 'CredentialRefused']);
});

describe('a cluster that was lost', () => {
  function lost(): Asked {
    const asked = listed(connected(PRIVATE), COMMON).answers(1);
    for (const list of PRIVATE) asked.report.stale(list, REFUSAL);
    for (const list of COMMON) asked.report.stale(list, SILENCE);
    return asked.answers(6, false);
  }

  test('does not serve again before what it published can be followed again', () => {
    const asked = lost();
    expect(asked.report.health.serving).toBe(false);
    expect(asked.answers(10).report.health.serving).toBe(false);
    listed(asked, COMMON);
    expect(asked.answers(1).report.health.serving).toBe(true);
  });
});
