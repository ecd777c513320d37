import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Claim, hostBlock, overlaps, parseBlock } from '../../src/base/block.ts';
import { parseCidr, rangeOf } from '../../src/base/ip.ts';

describe('reading', () => {
  test.each([
    { text: '10.1.2.0/24', is: '10.1.2.0/24' },
    { text: '10.1.2.3/32', is: '10.1.2.3/32' },
    { text: '0.0.0.0/0', is: '0.0.0.0/0' },
    { text: 'FD00:0:0::/48', is: 'fd00::/48' },
    { text: '::/0', is: '::/0' },
    { text: '10.1.2.3/24', is: undefined },
    { text: 'fd00::1/64', is: undefined },
    { text: '10.1.2.0/33', is: undefined },
    { text: '10.1.2.0/024', is: undefined },
    { text: '10.1.2.0', is: undefined },
    { text: '10.1.2.0/24/8', is: undefined },
    { text: '::ffff:10.1.2.0/120', is: undefined },
    { text: '10.1.2.0/24; reboot', is: undefined },
  ])('$text', ({ text, is }) => {
    expect(parseBlock(text)?.text).toBe(is);
  });
});

test('the block of one address', () => {
  expect(hostBlock('fd00::1').text).toBe('fd00::1/128');
  expect(hostBlock('10.0.0.1').first).toBe(hostBlock('10.0.0.1').last);
});

const claims = (...texts: string[]): Claim<string>[] =>
  texts.map(text => {
    const [bare = '', fixed] = text.split(' ');
    const block = parseBlock(bare);
    if (block === undefined) throw new Error(text);
    return { block, by: bare, ...(fixed === undefined ? {} : { fixed: true }) };
  });

describe('who loses', () => {
  test.each([
    { row: 'neighbours touch nobody', of: ['10.0.0.0/24', '10.0.1.0/24'], lost: [] },
    { row: 'the later of two', of: ['10.0.1.0/24', '10.0.0.0/16'], lost: ['10.0.0.0/16 to 10.0.1.0/24'] },
    { row: 'the same twice', of: ['10.0.0.0/24', '10.0.0.0/24'], lost: ['10.0.0.0/24 to 10.0.0.0/24'] },
    {
      row: 'to what is fixed, wherever it stands',
      of: ['10.0.1.0/24', '10.0.0.0/16 fixed'],
      lost: ['10.0.1.0/24 to 10.0.0.0/16'],
    },
    { row: 'fixed ones not', of: ['10.0.1.0/24 fixed', '10.0.0.0/16 fixed', '10.0.2.7/32 fixed'], lost: [] },
    {
      row: 'who lost takes nothing away from others',
      of: ['10.0.0.0/24', '10.0.0.0/23', '10.0.1.0/24'],
      lost: ['10.0.0.0/23 to 10.0.0.0/24'],
    },
    { row: 'families are apart', of: ['::/0', '0.0.0.0/0'], lost: [] },
  ])('$row', ({ of, lost }) => {
    const found = overlaps(claims(...of));
    expect(found.map(({ lost: claim, to }) => `${claim.by} to ${to.by}`)).toEqual(lost);
  });

  test('the same as when each is held against all that won before it', () => {
    const block = fc
      .record({ octet: fc.nat(3), more: fc.nat(255), prefix: fc.integer({ min: 14, max: 32 }) })
      .map(({ octet, more, prefix }) => {
        const value =
          ((10 << 24) | (octet << 16) | (more << 6)) & (prefix === 32 ? -1 : ~(2 ** (32 - prefix) - 1));
        return `${[24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')}/${prefix}`;
      });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 30 }), texts => {
        const won: string[] = [];
        const lost: string[] = [];
        for (const text of texts) (won.some(one => touch(one, text)) ? lost : won).push(text);
        expect(
          overlaps(claims(...texts))
            .map(one => one.lost.by)
            .sort(),
        ).toEqual(lost.sort());
      }),
    );
  });
});

function touch(one: string, other: string): boolean {
  const [a, b] = [one, other].map(text => {
    const cidr = parseCidr(text);
    return cidr && rangeOf(cidr);
  });
  return a !== undefined && b !== undefined && a.first <= b.last && b.first <= a.last;
}
