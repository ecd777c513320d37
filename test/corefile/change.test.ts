import { describe, expect, test } from 'vitest';
import {
  changed,
  installIn,
  isReread,
  removeFrom,
  type TextChange,
  takenBack,
} from '../../src/corefile/change.ts';
import { judge } from '../../src/corefile/judge.ts';
import { type CorefilePlace, placesIn, type TextMap } from '../../src/corefile/places.ts';
import { plainSamples, samples } from '../kit/corefiles.ts';

const OPTIONS = { zone: 'clusterset.local', addresses: ['10.96.0.53'] };
const EXPECTED = { ...OPTIONS, clusterDns: ['10.96.0.10'] };

function placeOf(Corefile: string, custom?: Readonly<Record<string, string>>): CorefilePlace {
  const map = (name: string, data: Readonly<Record<string, string>>): TextMap => ({
    ...{ namespace: 'kube-system', name, data },
  });
  const maps = [
    map('coredns', { Corefile }),
    ...(custom === undefined ? [] : [map('coredns-custom', custom)]),
  ];
  const [place] = placesIn(maps);
  if (place === undefined) throw new Error('there is a Corefile');
  return place;
}

test.each(samples)(
  '$name: installed it is judged as managed, unchanged a second time, and removed to the octet',
  ({ text }) => {
    const place = placeOf(text);
    const installed = installIn(place, OPTIONS);
    const after = changed(place, installed);
    expect(judge(after, EXPECTED)[0]?.code).toBe('STANZA_MANAGED');
    const again = installIn(after, OPTIONS);
    expect(again.after).toBe(again.before);
    const removed = changed(after, removeFrom(after));
    expect([removed.main.text, [...removed.imported]]).toEqual([text, [...place.imported]]);
  },
);

test.each(plainSamples)('$name: taken back as long as nobody edits, it is the text before', ({ text }) => {
  const installed = installIn(placeOf(text), OPTIONS);
  expect(takenBack(installed.after, installed)).toBe(installed.before);
});

describe('taken back after somebody has edited', () => {
  const text = '.:53 {\n    reload\n}\n';
  const edit = (installed: string | undefined) => `# theirs\n${installed}theirs.example {`;

  test('an installed stanza goes, what they wrote stays as it is', () => {
    const installed = installIn(placeOf(text), OPTIONS);
    expect(takenBack(edit(installed.after), installed)).toBe(edit(text));
  });

  test('a renewed stanza is the former one again', () => {
    const first = installIn(placeOf(text), OPTIONS).after ?? '';
    const renewed = installIn(placeOf(first), { ...OPTIONS, addresses: ['10.96.7.7'] });
    expect(takenBack(edit(renewed.after), renewed)).toBe(edit(first));
  });

  test('what they took away is not brought back', () => {
    const installed = installIn(placeOf(text), OPTIONS);
    expect(takenBack('', installed)).toBe('');
    expect(takenBack(undefined, installed)).toBeUndefined();
  });

  test('a key of coredns-custom keeps what is theirs', () => {
    const installed = installIn(placeOf('.:53 {\n}\nimport custom/*.server\n', {}), OPTIONS);
    expect(installed.before).toBeUndefined();
    expect(takenBack(`${installed.after}theirs.example {\n}\n`, installed)).toBe('theirs.example {\n}\n');
    expect(takenBack(`${installed.after}`, installed)).toBeUndefined();
  });
});

test.each([
  { what: 'another word', before: 'a {\n}\n', after: 'b {\n}\n', reread: true },
  { what: 'another line', before: 'a {\n}\n', after: '\na {\n}\n', reread: true },
  { what: 'another comment', before: '# x\na {\n}\n', after: '# y\na {\n}\n', reread: false },
  { what: 'nothing there before', before: undefined, after: 'a {\n}\n', reread: true },
])('CoreDNS reads $what: $reread', ({ before, after, reread }) => {
  const change: TextChange = { target: { namespace: 'n', name: 'm', key: 'k' }, before, after };
  expect(isReread(change)).toBe(reread);
});
