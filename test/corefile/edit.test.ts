import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { install, outside, remove } from '../../src/corefile/edit.ts';
import { readCorefile } from '../../src/corefile/read.ts';
import { dialectOf, type Stanza, stanzaFor } from '../../src/corefile/stanza.ts';
import { corefileText } from '../kit/corefile-text.ts';
import { corefiles, samples } from '../kit/corefiles.ts';

const given = { zone: 'clusterset.local', addresses: ['10.96.0.53'] };

function stanzaOf(text: string, addresses = given.addresses): Stanza {
  const corefile = outside(text);
  return stanzaFor(corefile, { ...given, addresses, dialect: dialectOf(corefile) });
}

describe.each(samples)('$name', ({ text }) => {
  const stanza = stanzaOf(text);
  const installed = install(text, stanza);

  test('remove gives back what install was given', () => {
    expect(remove(installed)).toBe(text);
  });

  test('is not touched outside our lines', () => {
    expect(installed.startsWith(text)).toBe(true);
    expect(readCorefile(installed).entries.length).toBe(readCorefile(text).entries.length + 1);
  });

  test('a second install changes nothing, and one with another address only that', () => {
    expect(stanzaOf(installed)).toEqual(stanza);
    expect(install(installed, stanza)).toBe(installed);
    const moved = install(installed, { ...stanza, addresses: ['10.96.0.99'] });
    expect(moved).toBe(installed.replace('10.96.0.53', '10.96.0.99'));
    expect(install(moved, stanza)).toBe(installed);
  });

  test('a text without our lines has nothing to remove', () => {
    expect(remove(text)).toBe(text);
  });
});

describe('for every Corefile', () => {
  test('remove undoes install, and install twice is install once', () => {
    fc.assert(
      fc.property(corefileText(), text => {
        const stanza = stanzaOf(text);
        const installed = install(text, stanza);
        expect(remove(installed)).toBe(text);
        expect(install(installed, stanza)).toBe(installed);
        const other = { ...stanza, addresses: ['fd00::53', '10.0.0.1:1053'] };
        expect(install(installed, other)).toBe(install(text, other));
      }),
      { numRuns: 500 },
    );
  });
});

const marked = (body: string): string => `# causeway: begin\n${body}\n# causeway: end\n`;

describe('refused, with the line', () => {
  test.each([
    {
      what: 'a block for the zone that is not ours',
      text: `${corefiles.kind}clusterset.local:53 {\n    forward . 10.0.0.1\n}\n`,
      error: {
        code: 'COREFILE_ZONE_TAKEN',
        message: expect.stringMatching(/^Corefile:21: found a block for clusterset/),
      },
    },
    {
      what: 'one below our own lines, by its line in the whole text',
      text: `${marked('old.example {\n}')}.:53 {\n}\nCLUSTERSET.local. {\n}\n`,
      error: { code: 'COREFILE_ZONE_TAKEN', message: expect.stringMatching(/^Corefile:7: /) },
    },
    {
      what: 'one among other zones',
      text: 'cluster.local, clusterset.local {\n}\n',
      error: { code: 'COREFILE_ZONE_TAKEN', message: expect.stringMatching(/^Corefile:1: /) },
    },
    {
      what: 'begin without end',
      text: `${corefiles.kind}# causeway: begin\nclusterset.local:53 {\n}\n`,
      error: {
        code: 'COREFILE_MARKS_DAMAGED',
        message: expect.stringMatching(/^Corefile:21: .* begin without .* end/),
      },
    },
    {
      what: 'end without begin',
      text: '.:53 {\n}\n# causeway: end\n',
      error: {
        code: 'COREFILE_MARKS_DAMAGED',
        message: expect.stringMatching(/^Corefile:3: .* end without .* begin/),
      },
    },
    {
      what: 'begin twice',
      text: `# causeway: begin\n${marked('a {\n}')}`,
      error: {
        code: 'COREFILE_MARKS_DAMAGED',
        message: expect.stringMatching(/^Corefile:2: .* begin a second time/),
      },
    },
    {
      what: 'two of ours',
      text: `.:53 {\n}\n${marked('')}${marked('')}`,
      error: {
        code: 'COREFILE_MARKS_DAMAGED',
        message: expect.stringMatching(/^Corefile:6: .* begin a second time/),
      },
    },
    {
      what: 'marks inside a block',
      text: `.:53 {\n${marked('errors')}}\n`,
      error: {
        code: 'COREFILE_INVALID',
        message: expect.stringMatching(/^Corefile:1: found our marks inside a block/),
      },
    },
    {
      what: 'a block without braces',
      text: '# all of it\n.:53\nerrors\nforward . 10.0.0.1\n',
      error: {
        code: 'COREFILE_INVALID',
        message: expect.stringMatching(/^Corefile:2: found a block without braces/),
      },
    },
    {
      what: 'a text that does not parse',
      text: '.:53 {\n    errors\n',
      error: {
        code: 'COREFILE_INVALID',
        message: expect.stringMatching(/^Corefile:1: found a { that is never closed/),
      },
    },
  ])('install: $what', ({ text, error }) => {
    const stanza = stanzaOf(corefiles.kind);
    expect(() => install(text, stanza)).toThrow(expect.objectContaining(error));
  });

  test.each([
    { what: 'begin without end', text: '# causeway: begin\n', code: 'COREFILE_MARKS_DAMAGED' },
    { what: 'a text that does not parse', text: `.:53 {\n${marked('')}`, code: 'COREFILE_INVALID' },
  ])('remove: $what', ({ text, code }) => {
    expect(() => remove(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe('not refused', () => {
  test.each([
    { what: 'the zone over another transport', text: 'tls://clusterset.local {\n}\n.:53 {\n}\n' },
    { what: 'the zone on another port', text: 'clusterset.local:5353 {\n}\n.:53 {\n}\n' },
    { what: 'a zone below', text: 'svc.clusterset.local {\n}\n' },
    {
      what: 'kubernetes with the zone',
      text: '.:53 {\n  kubernetes cluster.local clusterset.local {\n  }\n}\n',
    },
    { what: 'a mark inside quotes', text: '.:53 {\n  log "\n# causeway: begin\n"\n}\n' },
    { what: 'nothing but a comment', text: '# empty' },
    { what: 'nothing', text: '' },
  ])('$what', ({ text }) => {
    const stanza = stanzaOf(text);
    expect(remove(install(text, stanza))).toBe(text);
  });

  test('what somebody broke between the marks is mended', () => {
    const stanza = stanzaOf(corefiles.kind);
    const installed = install(corefiles.kind, stanza);
    const broken = installed.replace('max_concurrent 1000\n    }\n    prometheus', 'prometheus');
    expect(() => readCorefile(broken)).toThrow('never closed');
    expect(stanzaOf(broken)).toEqual(stanza);
    expect(install(broken, stanza)).toBe(installed);
    expect(remove(broken)).toBe(corefiles.kind);
  });
});
