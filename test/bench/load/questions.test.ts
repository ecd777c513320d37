import { decode, encode } from 'dns-packet';
import { expect, test } from 'vitest';
import { inTurn, newNames } from '../../../bench/load/questions.ts';

const nameOf = (query: Uint8Array) => decode(Buffer.from(query)).questions?.[0]?.name;

test('questions take turns', () => {
  const queries = ['a.test', 'b.test'].map(name =>
    encode({ type: 'query', id: 0, questions: [{ name, type: 'A' }] }),
  );
  expect([0, 1, 2].map(turn => nameOf(inTurn(queries)(turn)))).toEqual(['a.test', 'b.test', 'a.test']);
});

test('names that nobody asked for go on where the last ones ended', () => {
  const turns = [0, 1, 9].map(turn => nameOf(newNames('svc0.ns0.test', 999_998)(turn)));
  expect(turns).toEqual(
    ['000000999998', '000000999999', '000001000007'].map(label => `${label}.svc0.ns0.test`),
  );
});
