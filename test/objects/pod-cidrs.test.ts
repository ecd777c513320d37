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
    '10.1.2.0/24,',
    '10.1.2.0/24;reboot',
    Array.from({ length: 17 }, (_, index) => `10.1.${index}.0/24`).join(','),
  ])('are none where it is nonsense: %s', text => {
    const { podCIDRs, arePodCIDRsTold, problems } = pods('{}', text);
    expect([podCIDRs, arePodCIDRsTold]).toEqual([[], undefined]);
    expect(problems).toEqual([
      expect.stringMatching(/^metadata\.annotations\["causeway\.dev\/pod-cidrs"\]: found .* without pods$/),
    ]);
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
