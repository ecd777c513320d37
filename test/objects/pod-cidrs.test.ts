import { describe, expect, test } from 'vitest';
import { nodeReader } from '../../src/objects/node.ts';
import { readYaml } from '../kit/reading.ts';

/** What is read of the pods of a Node, and the problems with it. */
function pods(spec: string, annotation: string) {
  const annotations = { 'causeway.dev/pod-cidrs': annotation };
  const yaml = `
    apiVersion: v1
    kind: Node
    metadata: {name: e1, annotations: ${JSON.stringify(annotations)}}
    spec: ${spec}
  `;
  const { object, problems } = readYaml(nodeReader, yaml);
  const { podCIDRs, arePodCIDRsTold } = object ?? {};
  return {
    podCIDRs,
    arePodCIDRsTold,
    problems: problems.map(({ field, message }) => `${field}: ${message}`),
  };
}

describe('the blocks of a Node without spec.podCIDRs', () => {
  test.each([
    { text: '10.1.2.0/26', is: ['10.1.2.0/26'] },
    { text: '10.1.2.0/26, 10.1.9.64/26,FD00:1::/64', is: ['10.1.2.0/26', '10.1.9.64/26', 'fd00:1::/64'] },
  ])('are those that its annotation has: $text', ({ text, is }) => {
    const found = { podCIDRs: is, arePodCIDRsTold: true, problems: [] };
    expect(pods('{}', text)).toEqual(found);
    expect(pods('{podCIDRs: []}', text)).toEqual(found);
  });

  test.each([
    '',
    '10.1.2.0',
    '10.1.2.3/24',
    '0.0.0.0/0',
    '127.0.0.0/24',
    '10.0.0.0/8',
    '8.8.0.0/15',
    ',',
    '10.1.2.0/24;reboot',
    '10.1.2.3/24,10.1.2.0',
  ])('are none where it is nonsense: %s', text => {
    const { podCIDRs, arePodCIDRsTold, problems } = pods('{}', text);
    expect([podCIDRs, arePodCIDRsTold]).toEqual([[], undefined]);
    expect(problems).toEqual([
      expect.stringMatching(/^metadata\.annotations\["causeway\.dev\/pod-cidrs"\]: found .* without pods$/),
    ]);
  });
});

describe('a block that is none', () => {
  const WITH_BITS = 'must be a block like 10.1.2.0/26, without host bits';
  test.each([
    { row: 'has host bits', text: '10.1.9.3/26', found: `found "10.1.9.3/26": ${WITH_BITS}` },
    { row: 'has no length', text: '10.1.9.0', found: `found "10.1.9.0": ${WITH_BITS}` },
    { row: 'is not there', text: '', found: `found "": ${WITH_BITS}` },
    {
      row: 'holds everything',
      text: '0.0.0.0/0',
      found: 'found "0.0.0.0/0": holds this network addresses, which no pod has',
    },
    {
      row: 'is wider than a node',
      text: '10.0.0.0/8',
      found: 'found "10.0.0.0/8": must be /12 or longer: it would catch traffic that is not for pods',
    },
  ])('is left out, and the others stay, where it $row', ({ text, found }) => {
    expect(pods('{}', `10.1.2.0/26,${text},FD00:1::/64`)).toEqual({
      podCIDRs: ['10.1.2.0/26', 'fd00:1::/64'],
      arePodCIDRsTold: true,
      problems: [
        `metadata.annotations["causeway.dev/pod-cidrs"]: ${found}; it is left out, and the others hold`,
      ],
    });
  });
});

test('of more than 16 blocks the first 16 hold', () => {
  const blocks = Array.from({ length: 20 }, (_, index) => `10.1.${index}.0/24`);
  expect(pods('{}', blocks.join(','))).toEqual({
    podCIDRs: blocks.slice(0, 16),
    arePodCIDRsTold: true,
    problems: [
      'metadata.annotations["causeway.dev/pod-cidrs"]: found more than 16 blocks: those behind are left out',
    ],
  });
});

test.each(['{podCIDRs: [10.1.2.0/24]}', '{podCIDR: 10.1.2.0/24}'])(
  'a Node with blocks of its own keeps those, and says that the annotation is not heard: %s',
  spec => {
    expect(pods(spec, '10.1.7.0/24')).toEqual({
      podCIDRs: ['10.1.2.0/24'],
      arePodCIDRsTold: undefined,
      problems: [
        'metadata.annotations["causeway.dev/pod-cidrs"]: it is ignored: the Node has spec.podCIDRs, and those hold',
      ],
    });
  },
);
