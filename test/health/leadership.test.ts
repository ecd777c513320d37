import { describe, expect, test } from 'vitest';
import type { ControllerReplica, StatusFacts } from '../../src/health/facts.ts';
import { statusOf } from '../../src/health/status.ts';
import {
  controller,
  controllerPage,
  FORBIDDEN,
  leading,
  NOW,
  replicas,
  SILENT,
  wellFacts,
} from '../kit/status-facts.ts';

/** The holder of the Lease is no pod here. */
const ELSEWHERE: Partial<StatusFacts> = { controller: { wanted: { value: 0 }, replicas: { value: [] } } };

function held(renewed: number, holder = 'elsewhere'): Partial<StatusFacts> {
  return { lease: { value: { holder, renewed, duration: 15_000 } } };
}

const dead: ControllerReplica = {
  ...controller('causeway-controller-1', { unknown: 'connection refused' }),
  readiness: SILENT,
};
describe('what the controller wrote counts', () => {
  const basis = (facts: Partial<StatusFacts>) => {
    const status = statusOf({ ...wellFacts(), ...facts });
    const [west] = status.remotes;
    return {
      controller: status.controller,
      verdicts: [west?.controlPlane, west?.synced, west?.serving].map(one => one?.verdict),
    };
  };
  const good = ['good', 'good', 'good'];
  const unknown = ['unknown', 'unknown', 'unknown'];

  test('where its leader was asked just now, whatever the Lease says', () => {
    expect(basis(held(NOW - 3_600_000))).toEqual({
      controller: { basis: 'asked', leader: 'causeway-controller-1', queue: controllerPage().queue },
      verdicts: good,
    });
  });

  test.each([
    { what: 'it runs elsewhere', facts: { ...ELSEWHERE, ...held(NOW - 2_000) } },
    {
      what: 'nobody may ask it',
      facts: {
        ...replicas({ ...dead, readiness: FORBIDDEN }),
        ...held(NOW - 2_000, 'causeway-controller-1'),
      },
    },
    { what: 'its clock is somewhat ahead', facts: { ...ELSEWHERE, ...held(NOW + 5_000) } },
  ])('where it could not be asked, but has renewed its Lease: $what', ({ facts }) => {
    expect(basis(facts)).toMatchObject({ controller: { basis: 'lease' }, verdicts: good });
  });

  test.each([
    {
      what: 'the Lease has run out',
      facts: { ...ELSEWHERE, ...held(NOW - 15_000) },
      reason: 'elsewhere held the Lease and has not renewed it since 2026-03-01T11:59:45.000Z',
    },
    {
      what: 'the holder does not answer',
      facts: { ...replicas(dead), ...held(NOW - 1_000, 'causeway-controller-1') },
      reason: 'causeway-controller-1 holds the Lease but gives no answer: connection refused',
    },
    {
      what: 'the holder does not lead',
      facts: { ...leading({ leading: false }), ...held(NOW, 'causeway-controller-1') },
      reason: 'causeway-controller-1 holds the Lease but does not lead yet',
    },
    {
      what: 'the holder’s clock is far ahead',
      facts: { ...ELSEWHERE, ...held(NOW + 600_000) },
      reason:
        'elsewhere has renewed the Lease at 2026-03-01T12:10:00.000Z, which is yet to come: clocks differ',
    },
    {
      what: 'nobody holds it',
      facts: { ...ELSEWHERE, ...held(NOW, '') },
      reason: 'no controller holds the Lease',
    },
    {
      what: 'there is none',
      facts: { ...ELSEWHERE, lease: { value: undefined } },
      reason: 'no controller holds the Lease',
    },
    {
      what: 'it may not be read',
      facts: { ...ELSEWHERE, lease: { unknown: '403 Forbidden' } },
      reason: 'the Lease of the controller could not be read: 403 Forbidden',
    },
    {
      what: 'the API server does not say what time it is',
      facts: { ...ELSEWHERE, ...held(NOW), time: undefined },
      reason: 'it is not known when elsewhere renewed the Lease',
    },
  ])('for unknown where $what', ({ facts, reason }) => {
    expect(basis(facts)).toEqual({ controller: { basis: 'none', reason }, verdicts: unknown });
  });
});
