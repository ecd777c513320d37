import { decode as decodePacket } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageFullError, MessageWriter } from '../../src/wire/writer.ts';
import { hex, nameOctets } from '../kit/packet.ts';

/** Octets written by a writer that has `filler` octets in it already. */
function written(write: (writer: MessageWriter) => void, filler = 0): Buffer {
  const writer = new MessageWriter();
  for (let index = 0; index < filler; index++) writer.u8(0xee);
  write(writer);
  return Buffer.from(writer.finish()).subarray(filler);
}

function labels(text: string): string[] {
  return text.split('.').filter(label => label !== '');
}

describe('everything is written whole', () => {
  const parts: readonly { row: string; write: (writer: MessageWriter) => void; octets: Buffer }[] = [
    { row: 'an octet', write: writer => writer.u8(0xab), octets: hex('ab') },
    { row: 'a 16-bit word', write: writer => writer.u16(0xabcd), octets: hex('abcd') },
    { row: 'a 32-bit word', write: writer => writer.u32(0xfedcba98), octets: hex('fedcba98') },
    { row: 'octets', write: writer => writer.bytes(hex('01020304')), octets: hex('01020304') },
    { row: 'a character-string', write: writer => writer.characterString('\xffab'), octets: hex('03ff6162') },
    { row: 'a name', write: writer => writer.name(['ab', 'c']), octets: hex('026162016300') },
    { row: 'the root', write: writer => writer.name([]), octets: hex('00') },
  ];

  // The buffer grows while a part is written: at each such place, the part has to come out in one piece.
  test.each(parts)('$row, wherever it begins', ({ write, octets }) => {
    for (let filler = 0; filler <= 2100; filler++) {
      expect(written(write, filler)).toEqual(octets);
    }
  });
});

describe('compression', () => {
  const rows: readonly { row: string; names: readonly (readonly string[])[]; octets: string }[] = [
    {
      row: 'a name written before is a pointer',
      names: [labels('a.b'), labels('a.b')],
      octets: '0161 0162 00  c000',
    },
    {
      row: 'the longest suffix written before is pointed to',
      names: [labels('a.b.c'), labels('x.b.c'), labels('y.x.b.c')],
      octets: '0161 0162 0163 00  0178 c002  0179 c007',
    },
    {
      row: 'case is folded to find it, and the first spelling stands',
      names: [labels('A.b'), labels('x.a.B')],
      octets: '0141 0162 00  0178 c000',
    },
    {
      row: 'only ASCII letters are folded (RFC 4343)',
      names: [['\xc0'], ['\xe0']],
      octets: '01c0 00  01e0 00',
    },
    {
      row: 'a dot within a label does not make two names alike',
      names: [labels('a.b'), ['a.b']],
      octets: '0161 0162 00  03612e62 00',
    },
    {
      row: 'a length octet within a label does not either',
      names: [['a\x01b'], ['a', 'b']],
      octets: '03610162 00  0161 0162 00',
    },
    { row: 'the root is never a pointer', names: [labels('a'), [], []], octets: '0161 00  00  00' },
  ];

  test.each(rows)('$row', ({ names, octets }) => {
    expect(
      written(writer => {
        for (const name of names) writer.name(name);
      }),
    ).toEqual(hex(octets));
  });

  test('a name that may not be compressed is written out, and can be pointed to', () => {
    const octets = written(writer => {
      writer.name(labels('b.c'));
      writer.name(labels('a.b.c'), { compress: false });
      writer.name(labels('a.b.c'));
      writer.name(labels('b.c'));
    });
    expect(octets).toEqual(hex('0162 0163 00  0161 0162 0163 00  c005  c000'));
  });

  test('a name beyond the reach of a pointer is not pointed to', () => {
    const twice = (writer: MessageWriter) => {
      writer.name(labels('a'));
      writer.name(labels('a'));
    };
    expect(written(twice, 0x3fff)).toEqual(hex('0161 00 ffff'));
    expect(written(twice, 0x4000)).toEqual(hex('0161 00 0161 00'));
  });

  test('what was taken back is not pointed to', () => {
    const octets = written(writer => {
      writer.name(labels('b'));
      const mark = writer.length;
      writer.name(labels('a.b'));
      writer.rewind(mark);
      writer.name(labels('c.b'));
      writer.name(labels('a.b'));
    });
    expect(octets).toEqual(hex('0162 00  0163 c000  0161 c000'));
  });
});

describe('limits', () => {
  test('a writer is never longer than its limit, and says when it is full', () => {
    const writer = new MessageWriter(5);
    writer.u32(1);
    expect(() => writer.u16(2)).toThrow(MessageFullError);
    expect(writer.length).toBe(4);
    writer.u8(3);
    expect(() => writer.u8(4)).toThrow(MessageFullError);
    expect(writer.finish()).toEqual(Uint8Array.from([0, 0, 0, 1, 3]));
  });

  test('a character-string of 256 octets is refused', () => {
    expect(() => new MessageWriter().characterString('x'.repeat(256))).toThrow(RangeError);
  });

  test('what was returned does not change any more', () => {
    const writer = new MessageWriter();
    writer.u16(0x0102);
    const finished = writer.finish();
    writer.patchU16(0, 0xffff);
    expect(finished).toEqual(Uint8Array.from([1, 2]));
  });

  test('lengths are those of what stands between', () => {
    const octets = written(writer => {
      const place = writer.beginLength();
      writer.bytes(new Uint8Array(300));
      writer.endLength(place);
    });
    expect(octets.subarray(0, 2)).toEqual(hex('012c'));
  });
});

test('names come back from an independent reader as they were written, and shorter than without pointers', () => {
  const label = fc.stringMatching(/^[a-cA-C]{1,3}$/);
  const name = fc.array(label, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(fc.record({ name, compress: fc.boolean() }), { maxLength: 20 }), names => {
      const writer = new MessageWriter();
      for (const word of [0, 0, names.length, 0, 0, 0]) writer.u16(word);
      for (const { name: asked, compress } of names) {
        writer.name(asked, { compress });
        writer.u32(0x00010001);
      }
      const message = Buffer.from(writer.finish());
      const read = decodePacket(message).questions ?? [];
      expect(decodePacket.bytes).toBe(message.length);
      const expected = names.map(({ name: asked }) => asked.join('.'));
      expect(read.map(question => question.name.toLowerCase())).toEqual(
        expected.map(asked => asked.toLowerCase()),
      );
      const plain = names.reduce((sum, { name: asked }) => sum + nameOctets(asked).length + 4, 12);
      expect(message.length).toBeLessThanOrEqual(plain);
    }),
  );
});
