import { expect, test } from 'vitest';
import { sipHash24 } from '../../src/wire/siphash.ts';
import { hex } from '../kit/packet.ts';

/** Reference output of SipHash-2-4 for the key 00 01 … 0f and the messages (), (00), (00 01), … by their length. */
const references: readonly (readonly [length: number, hash: string])[] = [
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [2, '5a4fa9d909806c0d'],
  [3, '2d7efbd796666785'],
  [4, 'b7877127e09427cf'],
  [5, '8da699cd64557618'],
  [6, 'cee3fe586e46c9cb'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [9, 'b0e4a90bdf82009e'],
  [10, 'f3b9dd94c5bb5d7a'],
  [11, 'a7ad6b22462fb3f4'],
  [12, 'fbe50e86bc8f1e75'],
  [13, '903d84c02756ea14'],
  [14, 'eef27a8e90ca23f7'],
  [15, 'e545be4961ca29a1'],
  [63, '724506eb4c328a95'],
];

test.each(references)('SipHash-2-4 of %i octets', (length, expected) => {
  const counting = Uint8Array.from({ length: 64 }, (_, index) => index);
  const output = new Uint8Array(12);
  sipHash24(counting.subarray(0, 16), counting.subarray(0, length), output, 3);
  expect(output).toEqual(Uint8Array.from([0, 0, 0, ...hex(expected), 0]));
});
