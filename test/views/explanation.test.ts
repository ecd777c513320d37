import { describe, expect, test } from 'vitest';
import { PLAIN } from '../../src/terminal/style.ts';
import { explanationText, readExplanation } from '../../src/views/explanation.ts';

const PAGE = {
  name: 'pay.shop.svc.clusterset.local.',
  step: 'drawn',
  rcode: 'NOERROR',
  answers: 1,
  stale: false,
  clusters: [{ cluster: 'east', serving: true, readyEndpoints: 1, addresses: ['10.0.0.1'], share: 1 }],
};

describe('the page of a daemon', () => {
  test('may say more than we know, and less', () => {
    const [cluster] = PAGE.clusters;
    const page = { ...PAGE, moon: 'full', clusters: [{ ...cluster, phase: 1 }] };
    const { name: _, ...known } = PAGE;
    expect(readExplanation(JSON.stringify(page))).toEqual(known);
  });

  test.each(['', 'not found\n', '{}', '[]', 'null', '{"step":1}', JSON.stringify({ ...PAGE, clusters: {} })])(
    'is none: %s',
    text => {
      expect(readExplanation(text)).toBeUndefined();
    },
  );
});

test('steps and reasons of a newer daemon are shown as they are', () => {
  const clusters = [{ ...PAGE.clusters[0], cluster: 'east', leftOut: 'too-far' }];
  const why = readExplanation(JSON.stringify({ ...PAGE, step: 'nearest', clusters }));
  expect(why && explanationText(why, PLAIN)).toBe(`Why: nearest.
CLUSTER  WEIGHT  READY  SERVING  SHARE    ADDRESSES  LEFT OUT BECAUSE
east     -       1      yes      100.0 %  10.0.0.1   too-far
`);
});

test('many addresses are counted', () => {
  const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'];
  const clusters = [{ ...PAGE.clusters[0], addresses }];
  const why = readExplanation(JSON.stringify({ ...PAGE, step: 'headless', clusters }));
  expect(why && explanationText(why, PLAIN)).toContain('10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4 and 2 more\n');
});
