import { describe, expect, test } from 'vitest';
import { publicationOf } from '../../src/desired/publication.ts';

const remotes = [
  { name: 'west', labels: { region: 'us' } },
  { name: 'north', labels: { region: 'eu' } },
  { name: 'berlin', labels: { region: 'eu', tier: 'edge' } },
];
const namespaces = new Set(['causeway-exports', 'causeway-exports-north', 'causeway-exports-berlin', 'shop']);

describe('where an export is published', () => {
  test.each([
    { row: 'without export-to, for all', exportTo: undefined, publishIn: ['causeway-exports'] },
    {
      row: 'for those selected, each in its own namespace, in order',
      exportTo: 'region in (eu)',
      publishIn: ['causeway-exports-berlin', 'causeway-exports-north'],
    },
    { row: 'for one', exportTo: 'tier=edge', publishIn: ['causeway-exports-berlin'] },
    { row: 'for all but some', exportTo: 'region!=us,!tier', publishIn: ['causeway-exports-north'] },
  ])('$row', ({ exportTo, publishIn }) => {
    expect(publicationOf(exportTo, remotes, namespaces)).toEqual({ publishIn });
  });
});

describe('what is in the way is said, and never widens what was asked for', () => {
  test.each([
    {
      row: 'the common namespace is missing',
      exportTo: undefined,
      existing: ['shop'],
      publishIn: [],
      fault: 'namespace causeway-exports does not exist; create it as deploy/base has it',
    },
    {
      row: 'one of two namespaces is missing',
      exportTo: 'region=eu',
      existing: ['causeway-exports', 'causeway-exports-north'],
      publishIn: ['causeway-exports-north'],
      fault: 'namespace causeway-exports-berlin does not exist; create it as deploy/remote-reader has it',
    },
    {
      row: 'all are missing',
      exportTo: 'region',
      existing: ['causeway-exports'],
      publishIn: [],
      fault: 'namespaces causeway-exports-berlin, causeway-exports-north, causeway-exports-west do not exist',
    },
    {
      row: 'no label selector',
      exportTo: 'region in eu',
      existing: [...namespaces],
      publishIn: [],
      fault: 'causeway.dev/export-to is no label selector: at character 11 found "eu": expected "("',
    },
    {
      row: 'empty: nobody meant everybody by it',
      exportTo: '',
      existing: [...namespaces],
      publishIn: [],
      fault: 'is no label selector: at character 1 found its end',
    },
    {
      row: 'nobody is selected',
      exportTo: 'region=asia',
      existing: [...namespaces],
      publishIn: [],
      fault: 'selects none of the 3 RemoteClusters by their labels: the service is exported to no cluster',
    },
  ])('$row', ({ exportTo, existing, publishIn, fault }) => {
    const found = publicationOf(exportTo, remotes, new Set(existing));
    expect(found).toEqual({ publishIn, fault: expect.stringContaining(fault) });
  });

  test('a RemoteCluster whose name can be no part of a namespace is named, the others are published to', () => {
    const odd = [
      { name: 'eu.example', labels: { region: 'eu' } },
      { name: 'x'.repeat(47), labels: { region: 'eu' } },
      ...remotes,
    ];
    const found = publicationOf('region=eu', odd, namespaces);
    expect(found.publishIn).toEqual(['causeway-exports-berlin', 'causeway-exports-north']);
    expect(found.fault).toMatch(/^RemoteCluster eu\.example, x{47} cannot .* at most 46 characters$/);
  });

  test('hundreds of missing namespaces make no endless message', () => {
    const many = Array.from({ length: 250 }, (_, index) => ({ name: `c${index}`, labels: { all: '1' } }));
    const { fault = '' } = publicationOf('all=1', many, namespaces);
    expect(fault).toContain('and 245 more');
    expect(fault.length).toBeLessThan(400);
  });
});
