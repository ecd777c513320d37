import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Encryption } from '../../src/objects/shapes.ts';
import type { RouteEntry } from '../../src/routes/entry.ts';
import { type LocalNode, type LocalWireGuard, MARKS } from '../../src/routes/model.ts';
import { type Plan, plan } from '../../src/routes/plan.ts';
import { EAST, nodesOf, policies, publicKey } from '../kit/kernel/nodes.ts';

const KEYS: Readonly<Record<string, string>> = {
  ...{ own: publicKey(11), ownNext: publicKey(12) },
  ...{ old: publicKey(41), new: publicKey(42), other: publicKey(43) },
};
const keyOf = (name: string): string => KEYS[name] ?? name;
const nameOf = (key: string): string => Object.keys(KEYS).find(name => KEYS[name] === key) ?? key;

/** What `now` and `next` of a node are, such as `old,new`; either may be empty. */
function peerWith(keys: string): string {
  const [now = '', next = ''] = keys.split(',');
  const words = [now && `key=${keyOf(now)}`, next && `next=${keyOf(next)}`];
  return ['west w1 172.31.1.41 10.21.1.0/24', ...words].join(' ');
}

function localWith(keys: string, answering: readonly string[], onDetour: readonly string[]): LocalNode {
  const [now = '', next = ''] = keys.split(',');
  const wireguard: LocalWireGuard = {
    engine: 'kernel',
    publicKey: keyOf(now),
    ...(next === '' ? {} : { nextPublicKey: keyOf(next) }),
    answering: new Set(answering.map(keyOf)),
    answeringOnDetour: new Set(onDetour.map(keyOf)),
  };
  return { ...EAST, wireguard };
}

function planned(local: LocalNode, nodes: string, encryption: Encryption): Plan {
  return plan({
    local,
    nodes: nodesOf(nodes),
    policies: policies({ west: ['vxlan'] }, { west: encryption }),
    marks: MARKS,
  });
}

const DEVICES: Readonly<Record<string, string>> = {
  [MARKS.wireguard.device]: 'first',
  [MARKS.wireguard.detour.device]: 'detour',
  [MARKS.vxlan.device]: 'clear',
};

/** The devices with the key of this node and those of its peers, and by which its packets go. */
function shown({ entries }: Plan): string[] {
  const all = Array.from(entries.values(), ({ entry }) => entry);
  const devices = all.flatMap(entry => {
    if (entry.kind !== 'wireguard') return [];
    const peers = all.flatMap(one =>
      one.kind === 'peer' && one.device === entry.device ? [`${nameOf(one.publicKey)}@${one.endpoint}`] : [],
    );
    return `${DEVICES[entry.device]} ${nameOf(entry.publicKey)}: ${peers.join()}`;
  });
  const [best] = all
    .filter((entry): entry is RouteEntry => entry.kind === 'route' && entry.destination === '10.21.1.0/24')
    .sort((one, other) => one.metric - other.metric);
  return [...devices, `by ${DEVICES[best?.device ?? ''] ?? best?.type}`];
}

const [PORT, DETOUR] = [MARKS.wireguard.port, MARKS.wireguard.detour.port];
const on = (device: string, own: string, ...peers: string[]): string =>
  `${device} ${own}: ${peers.map(name => `${name}@172.31.1.41:${device === 'first' ? PORT : DETOUR}`).join()}`;

describe.each(['Required', 'Preferred'] as const)('%s', encryption => {
  const neither = encryption === 'Required' ? 'by first' : 'by clear';

  test.each<{ row: string; own?: string; peer: string; hears?: string[]; detour?: string[]; is: string[] }>([
    { row: 'no key changes', peer: 'old', hears: ['old'], is: [on('first', 'own', 'old'), 'by first'] },
    {
      row: 'its key changes, and there is no answer on the detour yet',
      peer: 'old,new',
      hears: ['old'],
      is: [on('first', 'own', 'old'), on('detour', 'own', 'new'), 'by first'],
    },
    {
      row: 'its key changes, and it answers on both',
      peer: 'old,new',
      hears: ['old'],
      detour: ['new'],
      is: [on('first', 'own', 'old'), on('detour', 'own', 'new'), 'by detour'],
    },
    {
      row: 'its key is withdrawn',
      peer: ',new',
      detour: ['new'],
      is: ['first own: ', on('detour', 'own', 'new'), 'by detour'],
    },
    {
      row: 'its key is withdrawn, and it never answered on the detour',
      peer: ',new',
      is: ['first own: ', on('detour', 'own', 'new'), encryption === 'Required' ? 'by detour' : 'by clear'],
    },
    {
      row: 'its new key is the present one, and does not answer yet',
      peer: 'new,new',
      detour: ['new'],
      is: [on('first', 'own', 'new'), on('detour', 'own', 'new'), 'by detour'],
    },
    {
      row: 'its new key answers everywhere',
      peer: 'new,new',
      hears: ['new'],
      detour: ['new'],
      is: [on('first', 'own', 'new'), on('detour', 'own', 'new'), 'by first'],
    },
    {
      row: 'its new key answers nowhere',
      peer: 'new,new',
      is: [on('first', 'own', 'new'), on('detour', 'own', 'new'), neither],
    },
    {
      row: 'our key changes, and it answers on both',
      own: 'own,ownNext',
      peer: 'old',
      hears: ['old'],
      detour: ['old'],
      is: [on('first', 'own', 'old'), on('detour', 'ownNext', 'old'), 'by detour'],
    },
    {
      row: 'our key has changed, and it answers on the detour only',
      own: 'ownNext,ownNext',
      peer: 'old',
      detour: ['old'],
      is: [on('first', 'ownNext', 'old'), on('detour', 'ownNext', 'old'), 'by detour'],
    },
    {
      row: 'our key has changed, and it answers on both',
      own: 'ownNext,ownNext',
      peer: 'old',
      hears: ['old'],
      detour: ['old'],
      is: [on('first', 'ownNext', 'old'), on('detour', 'ownNext', 'old'), 'by first'],
    },
    {
      row: 'both keys change',
      own: 'own,ownNext',
      peer: 'old,new',
      hears: ['old'],
      detour: ['new'],
      is: [on('first', 'own', 'old'), on('detour', 'ownNext', 'new'), 'by detour'],
    },
    {
      row: 'both keys change, and ours has already',
      own: 'ownNext,ownNext',
      peer: 'old,new',
      hears: ['old'],
      detour: ['new'],
      is: [on('first', 'ownNext', 'old'), on('detour', 'ownNext', 'new'), 'by detour'],
    },
  ])('$row', ({ own = 'own', peer, hears = [], detour = [], is }) => {
    const plan = planned(localWith(own, hears, detour), peerWith(peer), encryption);
    expect(shown(plan)).toEqual(is);
    expect(plan.faults).toEqual([]);
  });
});

test('a cluster without encryption, and one without nodes, make no second device', () => {
  const local = localWith('own,ownNext', [], []);
  expect(shown(planned(local, peerWith('old,new'), 'Off'))).toEqual(['by clear']);
  expect(shown(planned(local, '', 'Required'))).toEqual(['first own: ', 'by undefined']);
});

describe('keys that somebody else has', () => {
  const two = (first: string, second: string): string[] => {
    const nodes = `${peerWith(first)}\n${peerWith(second).replace('w1', 'w2').replaceAll('.1.', '.2.')}`;
    return planned(localWith('own', [], []), nodes, 'Required').faults.map(({ message }) => message);
  };

  test.each([
    { row: 'two have the same next key', first: 'old,new', second: 'other,new' },
    { row: 'the next key of one is that of another', first: 'old,other', second: 'other' },
    { row: 'the same the other way round', first: 'old', second: 'other,old' },
  ])('$row: the second is not routed to', ({ first, second }) => {
    expect(two(first, second).join()).toContain('has the public key');
  });

  test('one whose next key is its present one is in conflict with nobody', () => {
    expect(two('old,old', 'new,new')).toEqual([]);
  });

  test('a next key that is none', () => {
    expect(planned(localWith('own', [], []), peerWith('old,junk'), 'Required').faults[0]?.message).toBe(
      'wireguardNextPublicKey: found "junk": must be 32 octets as base64',
    );
  });
});

/** What may be known at one time; news of it come in any order. */
const facts = fc.record({
  own: fc.constantFrom('own', 'own,ownNext', 'ownNext,ownNext', 'ownNext'),
  peer: fc.constantFrom('old', 'old,new', ',new', 'new,new', 'new', ',', 'old,own', 'own,new'),
  hears: fc.subarray(['old', 'new']),
  detour: fc.subarray(['old', 'new']),
});

test('required: whatever is known of keys and tunnels, packets go encrypted or nowhere', () => {
  fc.assert(
    fc.property(facts, ({ own, peer, hears, detour }) => {
      const { entries } = planned(localWith(own, hears, detour), peerWith(peer), 'Required');
      expect(entries.has('element sealed4 10.21.1.0/24')).toBe(true);
      expect(entries.has('element direct4 10.21.1.0/24')).toBe(false);
      const routes = Array.from(entries.values(), ({ entry }) => entry).filter(
        (entry): entry is RouteEntry => entry.kind === 'route' && entry.destination === '10.21.1.0/24',
      );
      for (const { type, device } of routes)
        if (type !== 'unreachable') expect(['first', 'detour']).toContain(DEVICES[device ?? '']);
      expect(routes.at(-1)?.type).toBe('unreachable');
    }),
    { numRuns: 500 },
  );
});

test('wherever packets go encrypted, and by whichever device others send, its block is taken from both', () => {
  fc.assert(
    fc.property(facts, fc.constantFrom('Required' as const, 'Preferred' as const), (known, encryption) => {
      const { own, peer, hears, detour } = known;
      const { entries } = planned(localWith(own, hears, detour), peerWith(peer), encryption);
      const all = Array.from(entries.values(), ({ entry }) => entry);
      for (const { device } of all.filter(entry => entry.kind === 'peer')) {
        expect(entries.has(`link ${device}`)).toBe(true);
        expect(entries.has(`wireguard ${device}`)).toBe(true);
      }
      const peers = all.filter(entry => entry.kind === 'peer');
      for (const { allowedIPs } of peers) expect(allowedIPs).toBe('10.21.1.0/24');
      const links = all.filter(entry => entry.kind === 'link' && entry.type === 'wireguard');
      expect(new Set(links.map(link => link.kind === 'link' && link.mtu)).size).toBe(1);
    }),
    { numRuns: 500 },
  );
});
