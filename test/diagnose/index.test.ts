import { describe, expect, test } from 'vitest';
import { chosenChecks, diagnosisOf } from '../../src/diagnose/diagnosis.ts';
import { CHECKS, FAMILIES } from '../../src/diagnose/index.ts';
import { COLOURED, PLAIN } from '../../src/terminal/style.ts';
import { diagnoseTable } from '../../src/views/diagnose.ts';
import { clusterOf, factsOf, reachOf, westOf } from '../kit/diagnose-facts.ts';

const messages = FAMILIES.flatMap(({ name, messages: table, checks }) =>
  Object.entries(table).map(([code, message]) => ({ family: name, code, checks, ...message })),
);

describe('the tables of messages', () => {
  test('no two messages have one code, and no two checks one name', () => {
    const codes = messages.map(({ code }) => code);
    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
    expect(CHECKS.filter((check, index) => CHECKS.indexOf(check) !== index)).toEqual([]);
  });

  test.each(FAMILIES)('checks of $name bear its name', ({ name, checks }) => {
    expect(
      Object.keys(checks).filter(check => !/^\w+\.\w+$/.test(check) || !check.startsWith(`${name}.`)),
    ).toEqual([]);
  });

  test.each(messages)(
    '$code can be looked for by its words, and says cause and cure',
    ({ found, cause, cure, check, checks }) => {
      expect(found.replaceAll(/\{\w+\}/g, '').length).toBeGreaterThan(10);
      expect(Object.keys(checks)).toContain(check);
      expect(cause).toMatch(/^["A-Z].*[.!]$/);
      expect(cure).toMatch(/^[`A-Z].*[.!]$/);
    },
  );
});

test('every check says something, whatever it finds', () => {
  const { findings } = diagnosisOf(factsOf(clusterOf(), westOf()), chosenChecks(undefined));
  const silent = CHECKS.filter(check => !findings.some(finding => finding.check === check));
  // Definitions are compared with those of the program, and the facts of these tests have none.
  expect(silent).toEqual(['crd.present', 'crd.established', 'crd.schema']);
});

describe('--only', () => {
  test.each([
    { only: 'tls', checks: ['tls.handshake', 'tls.chain', 'tls.name', 'tls.usage', 'tls.validity'] },
    { only: 'tls.*', checks: ['tls.handshake', 'tls.chain', 'tls.name', 'tls.usage', 'tls.validity'] },
    { only: '*.name', checks: ['reach.name', 'tls.name'] },
    { only: 'id.set', checks: ['id.set'] },
  ])('$only', ({ only, checks }) => {
    expect([...chosenChecks(only)]).toEqual(checks);
  });

  test.each(['nothing', 'tls.', '(.*)', ''])('%j is no check', only => {
    expect(() => chosenChecks(only)).toThrow(/^--only: no check is named .*; there are reach.name, /);
  });

  test('shows nothing else', () => {
    const { findings, counts } = diagnosisOf(factsOf(), chosenChecks('id.unique'));
    expect(findings.map(({ check }) => check)).toEqual(['id.unique']);
    expect(counts).toEqual({ good: 1, warning: 0, bad: 0, unknown: 0 });
  });
});

describe('what people see', () => {
  const reach = reachOf({}, { nameFits: false });
  const facts = factsOf(clusterOf({ reach, remotes: { value: [] }, api: { failed: 'no answer in time' } }));
  const found = diagnosisOf(facts, chosenChecks('*.name'));

  test('cause and cure stand below what is wrong', () => {
    expect(
      diagnoseTable(found, PLAIN),
    ).toBe(`✓ reach.name  east: https://api.east.example.com:6443 is 10.0.0.1
✗ tls.name    east: the certificate is not for api.east.example.com, but for DNS:api.east.example.com, IP Address:10.0.0.1
              cause: The API server is reached by an address that its certificate does not bear: a load balancer's, or one that was added later.
              cure:  Use one of these names in server, set tls-server-name to one of them, or have the API server issue a certificate with this name.

✗ east could not be reached at https://api.east.example.com:6443
1 ✓  0 ⚠  1 ✗  0 ?
`);
  });

  test('colours are on the marks, and the names are faint', () => {
    expect(diagnoseTable(found, COLOURED)).toContain(
      '\u001b[32m✓\u001b[0m \u001b[2mreach.name\u001b[0m  east: https://',
    );
  });
});
