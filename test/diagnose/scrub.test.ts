import { describe, expect, test } from 'vitest';
import { scrubbedCorefiles, scrubbedObject, scrubbedText } from '../../src/diagnose/scrub.ts';

const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJlLW9mLWl0';
const PEM = '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIBfZ\n-----END EC PRIVATE KEY-----';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('a text', () => {
  test.each([
    { case: 'a JWT', text: `read with ${JWT} in it`, left: 'read with [removed] in it' },
    { case: 'a JWT that is cut short', text: JWT.slice(0, 40), left: '[removed]' },
    { case: 'a private key', text: `key: |\n${PEM}\nnext`, left: 'key: |\n[removed]\nnext' },
    {
      case: 'a private key in JSON',
      text: JSON.stringify({ key: PEM, next: 1 }),
      left: '{"key":"[removed]","next":1}',
    },
    { case: 'a private key that is cut short', text: PEM.slice(0, 50), left: '[removed]' },
    { case: 'a private key in base64', text: `data ${base64(PEM)}.`, left: 'data [removed].' },
    { case: 'a token in base64', text: base64(`token: ${JWT}`), left: '[removed]' },
    {
      case: 'a header',
      text: 'GET / Authorization: Bearer opaque-1234 accepted',
      left: 'GET / Authorization: [removed] [removed] accepted',
    },
    {
      case: 'a header in JSON',
      text: '{"authorization":"Bearer opaque"}',
      left: '{"authorization":"[removed] [removed]"}',
    },
    { case: 'a flag', text: '--token=opaque --listen=:53', left: '--token=[removed] --listen=:53' },
    { case: 'a field of YAML', text: 'user:\n  token: opaque\n', left: 'user:\n  token: [removed]\n' },
    {
      case: 'a field of JSON within JSON',
      text: '{\\"password\\":\\"opaque\\",\\"a\\":1}',
      left: '{\\"password\\":\\"[removed]\\",\\"a\\":1}',
    },
    {
      case: 'a variable of a container that somebody quotes',
      text: '{"env":[{"name":"KEY","value":"opaque"}]} {\\"name\\": \\"KEY\\", \\"value\\": \\"opaque\\"}',
      left: '{"env":[{"name":"KEY","value":"[removed]"}]} {\\"name\\": \\"KEY\\", \\"value\\": \\"[removed]\\"}',
    },
    { case: 'a URL', text: 'https://me:opaque@host/x', left: 'https://[removed]@host/x' },
    {
      case: 'what is nobody’s secret',
      text: 'the token ends at noon; secretRef west; sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      left: 'the token ends at noon; secretRef west; sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
  ])('$case', ({ text, left }) => {
    expect(scrubbedText(text)).toBe(left);
  });

  test.each(['a.', 'token ', '://', '"name":"', '\\', 'A', ' '])('of a mebibyte of %j is left soon', unit => {
    const text = unit.repeat(2 ** 20 / unit.length);
    expect(scrubbedText(text)).toHaveLength(text.length);
  });

  test('what is known to be secret, whatever it looks like, and in base64 as well', () => {
    const secret = 'correct horse battery staple';
    expect(scrubbedText(`said ${secret}`, [secret])).toBe('said [removed]');
    expect(scrubbedText(base64(`and so ${secret} was said`), [secret])).toBe('[removed]');
  });
});

test('an object: variables, what kubectl noted, who wrote what, and credentials by the name of their field', () => {
  const pod = {
    metadata: {
      name: 'web',
      managedFields: [{ manager: 'kubectl' }],
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${JWT}"}`,
        note: 'token: opaque',
      },
    },
    spec: {
      containers: [
        {
          name: 'web',
          env: [
            { name: 'KEY', value: 'opaque' },
            { name: 'FROM', valueFrom: { fieldRef: {} } },
          ],
        },
      ],
      token: 'opaque',
      automountServiceAccountToken: true,
    },
  };
  expect(scrubbedObject(pod)).toEqual({
    metadata: { name: 'web', annotations: { note: 'token: [removed]' } },
    spec: {
      containers: [
        {
          name: 'web',
          env: [
            { name: 'KEY', value: '[removed]' },
            { name: 'FROM', valueFrom: { fieldRef: {} } },
          ],
        },
      ],
      token: '[removed]',
      automountServiceAccountToken: true,
    },
  });
});

test('a ConfigMap with Corefiles, without what plugins get in with', () => {
  const lines = (access: string, credentials: string, secret: string) =>
    [
      '.:53 {',
      `    route53 example.org.:Z1 {\n        aws_access_key ${access}\n    }`,
      `    etcd skydns.local {\n        credentials ${credentials}\n    }`,
      `    tsig {\n        secret ${secret}\n    }`,
      '    forward . /etc/resolv.conf',
      '}',
    ].join('\n');
  const Corefile = lines('AKIA1 opaque', 'me opaque', 'key. b3BhcXVl');
  expect(scrubbedCorefiles({ metadata: { name: 'coredns' }, data: { Corefile } })).toEqual({
    metadata: { name: 'coredns' },
    data: { Corefile: lines('[removed]', '[removed]', '[removed]') },
  });
});
