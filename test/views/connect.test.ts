import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { render } from '../../src/terminal/render.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { Connect, connectTable } from '../../src/views/connect.ts';
import { Disconnect, disconnectTable } from '../../src/views/disconnect.ts';

const nowhere = { isTerminal: { output: false }, environment: {} };

const connected: Connect = {
  dryRun: false,
  findings: [
    { check: 'member.version', about: 'east', verdict: 'good', found: 'Kubernetes v1.34.1' },
    {
      check: 'remote.synced',
      about: 'east reads west',
      verdict: 'bad',
      found: 'not within 60 s: Synced: The cluster cannot be read.',
    },
  ],
  links: [
    {
      reader: 'east',
      source: 'west',
      server: 'https://api.west.example.com:6443',
      credential: 'new',
      credentialEnds: '2026-07-01T12:00:00.000Z',
      inSource: [{ kind: 'Namespace', name: 'causeway-exports-east', change: 'created' }],
      inReader: [
        { kind: 'Secret', namespace: 'causeway-system', name: 'causeway-remote-west', change: 'changed' },
        { kind: 'RemoteCluster', name: 'west', change: 'unchanged' },
      ],
      synced: 'False',
      serving: 'Unknown',
    },
  ],
};

describe('connect', () => {
  test('for people: what is good goes without saying, and nothing comes next while something is bad', () => {
    expect(connectTable(connected, PLAIN)).toBe(`\
LINK             SERVER                             CREDENTIAL                           OBJECTS               SYNCED  SERVING
east reads west  https://api.west.example.com:6443  new, until 2026-07-01T12:00:00.000Z  1 created, 1 changed  False   Unknown

✗ east reads west: not within 60 s: Synced: The cluster cannot be read.
`);
  });

  test('of what would be done, and of what was there', () => {
    const [link] = connected.links;
    const links = link === undefined ? [] : [link];
    const dry = connectTable({ ...connected, findings: [], links, dryRun: true }, PLAIN);
    expect(dry).toContain('1 to be created, 1 to be changed');
    expect(dry).not.toContain('Next:');
    const { credentialEnds: _, ...endless } = { ...connected.links[0] };
    const kept = {
      ...endless,
      credential: 'kept',
      inSource: [],
      inReader: [],
      synced: 'True',
      serving: 'True',
    };
    const again = v.parse(Connect, { dryRun: false, findings: [], links: [kept] });
    expect(connectTable(again, PLAIN).replaceAll(/ {2,}/g, '  ')).toBe(`\
LINK  SERVER  CREDENTIAL  OBJECTS  SYNCED  SERVING
east reads west  https://api.west.example.com:6443  kept  unchanged  True  True

Next: in a cluster that has a service to give, causeway export SERVICE -n NAMESPACE
`);
  });

  test('where something speaks against it', () => {
    const refused = { ...connected, findings: connected.findings.slice(1), links: [] };
    expect(connectTable(refused, PLAIN)).toBe(`\
✗ east reads west: not within 60 s: Synced: The cluster cannot be read.

Nothing was changed.
`);
  });

  test('for programs: the same, by its schema', async () => {
    const text = await render('json', connected, connectTable, nowhere);
    expect(v.parse(Connect, JSON.parse(text))).toEqual(connected);
    expect(await render('yaml', connected.links[0]?.inReader[1], () => '', nowhere)).toBe(`\
kind: RemoteCluster
name: west
change: unchanged
`);
  });
});

describe('disconnect', () => {
  const parted: Disconnect = {
    dryRun: false,
    removed: [
      { cluster: 'east', kind: 'RemoteCluster', name: 'west' },
      { cluster: 'east', kind: 'Secret', namespace: 'causeway-system', name: 'causeway-remote-west' },
    ],
    findings: [
      {
        check: 'disconnect.peer',
        about: 'west',
        verdict: 'warning',
        found: 'it was not asked; if it still exists it has RemoteCluster east',
        remedy: 'when it can be reached: causeway disconnect --context west east',
      },
    ],
  };

  test('for people', () => {
    expect(disconnectTable(parted, PLAIN)).toBe(`\
CLUSTER  KIND           NAME                                  CHANGE
east     RemoteCluster  west                                  removed
east     Secret         causeway-system/causeway-remote-west  removed

⚠ west: it was not asked; if it still exists it has RemoteCluster east
  → when it can be reached: causeway disconnect --context west east
`);
  });

  test('of nothing', () => {
    const nothing = { dryRun: true, removed: [], findings: [] };
    expect(disconnectTable(nothing, PLAIN)).toBe('Nothing to remove: they are not connected.\n');
  });

  test('for programs: the same, by its schema', async () => {
    const text = await render('json', parted, disconnectTable, nowhere);
    expect(v.parse(Disconnect, JSON.parse(text))).toEqual(parted);
  });
});
