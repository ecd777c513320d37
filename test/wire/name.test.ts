import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldCase, isEncodable, labelsAt, labelsOfText, printName, wireLength } from '../../src/wire/name.ts';
import { nameOctets } from '../kit/packet.ts';

const octets = fc
  .uint8Array({ minLength: 1, maxLength: 63 })
  .map(bytes => Buffer.from(bytes).toString('latin1'));

test.each([
  { text: 'Payments.Shop.svc', labels: ['payments', 'shop', 'svc'] },
  { text: 'clusterset.local.', labels: ['clusterset', 'local'] },
  { text: '.', labels: [] },
  { text: '', labels: [] },
])('"$text" as labels', ({ text, labels }) => {
  expect(labelsOfText(text)).toEqual(labels);
});

describe('what fits into a name (RFC 1035 section 2.3.4)', () => {
  const label = (length: number) => 'x'.repeat(length);

  test.each([
    { row: 'the root', labels: [], length: 1, fits: true },
    { row: 'a label of 63 octets', labels: [label(63)], length: 65, fits: true },
    { row: 'a label of 64 octets', labels: [label(64)], length: 66, fits: false },
    { row: 'an empty label', labels: ['a', '', 'b'], length: 6, fits: false },
    { row: '255 octets', labels: [label(63), label(63), label(63), label(61)], length: 255, fits: true },
    { row: '256 octets', labels: [label(63), label(63), label(63), label(62)], length: 256, fits: false },
    { row: '127 labels', labels: new Array<string>(127).fill('a'), length: 255, fits: true },
  ])('$row', ({ labels, length, fits }) => {
    expect(wireLength(labels)).toBe(length);
    expect(isEncodable(labels)).toBe(fits);
  });
});

describe('case (RFC 4343)', () => {
  test('the 26 letters of ASCII are folded and no other octet', () => {
    for (let code = 0; code < 256; code++) {
      const isCapital = code >= 0x41 && code <= 0x5a;
      const expected = String.fromCharCode(isCapital ? code + 0x20 : code);
      expect(foldCase(String.fromCharCode(code))).toBe(expected);
    }
  });

  test('folding keeps the length and happens once', () => {
    fc.assert(
      fc.property(octets, label => {
        const folded = foldCase(label);
        expect(folded.length).toBe(label.length);
        expect(foldCase(folded)).toBe(folded);
      }),
    );
  });
});

test('labels are read back octet by octet, wherever the name stands', () => {
  fc.assert(
    fc.property(fc.array(octets, { maxLength: 4 }), fc.nat({ max: 20 }), (labels, start) => {
      const message = Buffer.concat([Buffer.alloc(start, 0xff), nameOctets(labels), Buffer.alloc(3, 1)]);
      expect(labelsAt(message, start)).toEqual(labels);
      expect(labelsAt(Uint8Array.from(message), start)).toEqual(labels);
    }),
  );
});

test.each([
  { labels: [], text: '.' },
  { labels: ['_http', '_tcp', 'payments'], text: '_http._tcp.payments.' },
  { labels: ['demo.default', 'svc'], text: 'demo\\.default.svc.' },
  { labels: ['a b', '\x00\x7f\xff'], text: 'a\\032b.\\000\\127\\255.' },
  { labels: ['"quoted"', 'back\\slash', '$@;()'], text: '\\"quoted\\".back\\\\slash.\\$\\@\\;\\(\\).' },
  { labels: ['line\nbreak'], text: 'line\\010break.' },
])('$text is how a name is printed', ({ labels, text }) => {
  expect(printName(labels)).toBe(text);
});

test('two names are never printed alike, and never with a blank, a control character or one beyond ASCII', () => {
  fc.assert(
    fc.property(fc.array(octets, { maxLength: 3 }), fc.array(octets, { maxLength: 3 }), (one, other) => {
      expect(printName(one)).toMatch(/^[\x21-\x7e]+$/);
      expect(printName(one) === printName(other)).toBe(one.join('\n.') === other.join('\n.'));
    }),
  );
});
