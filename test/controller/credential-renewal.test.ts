import { describe, expect, test, vi } from 'vitest';
import { tokenClaims } from '../../src/objects/token.ts';
import { SOON } from '../kit/joined.ts';
import { RenewedCredential } from '../kit/renewed-credential.ts';

const MINUTE = 60_000;

describe('a credential of an hour', () => {
  test('is renewed by itself when a third of the hour is left, and not before', async () => {
    const set = await RenewedCredential.start();
    const { token: first, text } = set;
    set.hear();
    await set.clock.advance(39 * MINUTE);
    expect([set.token, set.renewals]).toEqual([first, []]);
    await set.clock.advance(MINUTE);
    await vi.waitFor(() => expect(set.renewals).toEqual(['east until 2026-06-01T13:40:00.000Z']), SOON);
    expect(set.token).not.toBe(first);
    expect(set.text).toBe(text.replace(first, set.token));
    expect(set.east.accounts.knows(set.token)).toBe(true);
    expect(set.failures).toEqual([]);
  });

  test('is renewed again and again', async () => {
    const set = await RenewedCredential.start();
    for (const count of [1, 2, 3]) {
      set.hear();
      await set.clock.advance(40 * MINUTE);
      await vi.waitFor(() => expect(set.renewals).toHaveLength(count), SOON);
    }
    expect(set.renewals.at(-1)).toBe('east until 2026-06-01T15:00:00.000Z');
  });

  test('is renewed at once where the time has passed while nobody led', async () => {
    const set = await RenewedCredential.start({ age: 3_000 });
    set.hear();
    await set.clock.advance(0);
    await vi.waitFor(() => expect(set.renewals).toHaveLength(1), SOON);
  });

  test('holds as long as the API server lets it', async () => {
    const set = await RenewedCredential.start({ age: 3_000 });
    set.east.accounts.longest = 900;
    set.hear();
    await set.clock.advance(0);
    await vi.waitFor(() => expect(set.renewals).toEqual(['east until 2026-06-01T12:15:00.000Z']), SOON);
  });
});

test('one that is due as soon as it is given out, is not replaced without a pause', async () => {
  const set = await RenewedCredential.start({ age: 3_000 });
  set.east.accounts.longest = 1;
  set.hear();
  await set.clock.advance(0);
  await vi.waitFor(() => expect(set.renewals).toHaveLength(1), SOON);
  const { token } = set;
  set.hear();
  await set.clock.advance(MINUTE - 1);
  expect([set.token, set.renewals.length, set.failures]).toEqual([token, 1, []]);
  await set.clock.advance(1);
  await vi.waitFor(() => expect(set.failures).toHaveLength(1), SOON);
});

test('one that is shorter than any that is given out is asked for anew with the shortest life there is', async () => {
  const set = await RenewedCredential.start({ seconds: 30, age: 25 });
  set.hear();
  await set.clock.advance(0);
  await vi.waitFor(() => expect(set.renewals).toHaveLength(1), SOON);
  expect(tokenClaims(set.token)?.life).toMatchObject({ to: Date.parse('2026-06-01T12:10:00Z') });
});

describe('is left as it is', () => {
  test.each([
    { row: 'a Secret that a person wrote', options: { age: 3_500, labels: {} } },
    {
      row: 'a Secret that was made for another',
      options: { age: 3_500, labels: { 'causeway.dev/made-for': 'north' } },
    },
  ])('$row', async ({ options }) => {
    const set = await RenewedCredential.start(options);
    const { token } = set;
    set.hear();
    await set.clock.advance(30 * MINUTE);
    expect([set.token, set.renewals, set.failures]).toEqual([token, [], []]);
  });

  test('a token without an end', async () => {
    const set = await RenewedCredential.start();
    const claims = Buffer.from('{"sub":"system:serviceaccount:causeway-exports-west:west"}').toString(
      'base64url',
    );
    set.put(set.kubeconfig(`e30.${claims}.x`));
    set.hear();
    await set.clock.advance(30 * MINUTE);
    expect([set.renewals, set.failures]).toEqual([[], []]);
  });

  test('what was written since by somebody who connected anew', async () => {
    const set = await RenewedCredential.start({ age: 3_000 });
    set.hear();
    const anew = set.east.accounts.issue('causeway-exports-west', 'west', 7_200);
    set.put(set.kubeconfig(anew));
    await set.clock.advance(0);
    await vi.waitFor(() => expect(set.failures).toEqual([expect.stringContaining('409 Conflict')]), SOON);
    expect(set.token).toBe(anew);
    set.hear();
    await set.clock.advance(MINUTE);
    expect([set.token, set.failures.length]).toEqual([anew, 1]);
  });

  test('what another process may renew that leads by now', async () => {
    const set = await RenewedCredential.start({ age: 3_000 });
    const { token } = set;
    set.leads = false;
    set.hear();
    await set.clock.advance(0);
    await vi.waitFor(() => expect(set.failures).toEqual([expect.stringContaining('may lead')]), SOON);
    expect(set.token).toBe(token);
  });
});

describe('what cannot be renewed is told and tried again', () => {
  test('until the API server gives a token', async () => {
    const set = await RenewedCredential.start({ age: 3_000 });
    set.east.faults.add('create', { status: 503, reason: 'ServiceUnavailable' }, 2);
    set.hear();
    for (const count of [1, 2]) {
      await set.clock.advance(1_000);
      await vi.waitFor(() => expect(set.failures).toHaveLength(count), SOON);
    }
    expect(set.failures[0]).toMatch(/^east until 2026-06-01T12:10:00.000Z: .*503 ServiceUnavailable/);
    await set.clock.advance(MINUTE);
    await vi.waitFor(() => expect(set.renewals).toHaveLength(1), SOON);
  });

  test('where the new token does not let anybody in', async () => {
    const set = await RenewedCredential.start({ age: 3_000 });
    const { token } = set;
    set.east.faults.add('get', { status: 401, reason: 'Unauthorized' }, 2);
    set.hear();
    await set.clock.advance(0);
    await vi.waitFor(() => expect(set.failures).toHaveLength(1), SOON);
    expect(set.token).toBe(token);
  });

  test('where the account is gone, or the credential has ended', async () => {
    const set = await RenewedCredential.start();
    const account = {
      kind: 'ServiceAccount',
      metadata: { namespace: 'causeway-exports-west', name: 'west' },
    };
    set.east.remove(account);
    set.hear();
    await set.clock.advance(40 * MINUTE);
    await vi.waitFor(() => expect(set.failures).toEqual([expect.stringContaining('401 Unauthorized')]), SOON);
    // Under its name another account comes back, for which the old token is as good as none.
    set.east.put(account);
    await set.clock.advance(MINUTE);
    await vi.waitFor(() => expect(set.failures).toHaveLength(2), SOON);
  });
});
