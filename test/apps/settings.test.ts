import { describe, expect, test } from 'vitest';
import { environmentOf, flagOf, type Given, readSettings } from '../../src/apps/setting.ts';
import { type DnsConfig, dnsSettings } from '../../src/apps/settings.ts';

function read(flags: Given['flags'] = {}, environment: Given['environment'] = {}): DnsConfig {
  return readSettings(dnsSettings, { flags, operands: {}, environment });
}

test('the defaults', () => {
  expect(read()).toEqual({
    source: { scheme: 'directory', path: 'mesh' },
    kubeconfig: undefined,
    stateDir: undefined,
    clusterId: undefined,
    zone: 'clusterset.local',
    listen: [{ address: '127.0.0.1', port: 1053 }],
    httpListen: { address: '127.0.0.1', port: 9353 },
    ttl: 5,
    backends: 'service',
    clusterNames: false,
    nameserverAddress: [],
    nsid: undefined,
    cookieSecretFile: undefined,
    allowTransfer: [],
    compiledAnswers: 65_536,
    udpPayloadSize: 1232,
    udpTransport: 'auto',
    udpThreads: 1,
    udpSpread: 'hash',
    responseRate: 0,
    responseRateExempt: [],
    tcpIdleTimeout: 30_000,
    tcpMaxConnections: 2048,
    tcpMaxConnectionsPerClient: 1024,
    logLevel: 'info',
    logFormat: 'auto',
    queryLogSample: 0,
  });
});

test('nothing can change a configuration', () => {
  expect(Object.isFrozen(read())).toBe(true);
});

test.each(Object.entries(dnsSettings))(
  '%s has help, and its flag and variable say its name',
  (name, setting) => {
    expect(setting.help).toMatch(/^[a-z]/);
    expect(setting.help).not.toMatch(/\.$/);
    expect(setting.shown).not.toBe('');
    expect(flagOf(name).slice(2).replaceAll('-', '_').toUpperCase()).toBe(environmentOf(name).slice(9));
  },
);

describe('where a value comes from', () => {
  test('flag before environment before default', () => {
    const environment = { CAUSEWAY_TTL: '10', CAUSEWAY_ZONE: 'mesh.test' };
    expect(read({ ttl: ['20'] }, environment)).toMatchObject({
      ttl: 20,
      zone: 'mesh.test',
      udpPayloadSize: 1232,
    });
  });

  test('the last of a repeated flag', () => {
    expect(read({ ttl: ['20', '30'] }).ttl).toBe(30);
  });

  test('an empty variable counts as unset', () => {
    expect(read({}, { CAUSEWAY_TTL: '' }).ttl).toBe(5);
  });

  test("variables that Kubernetes sets for a Service named causeway-dns are nobody's business", () => {
    const environment = { CAUSEWAY_DNS_SERVICE_HOST: '10.0.0.1', CAUSEWAY_DNS_PORT: 'tcp://10.0.0.1:53' };
    expect(read({}, environment)).toEqual(read());
  });

  test('several values: repeated flags, or commas', () => {
    const both = [
      { address: '127.0.0.1', port: 53 },
      { address: '::1', port: 53 },
    ];
    expect(read({ listen: ['127.0.0.1:53', '[::1]:53'] }).listen).toEqual(both);
    expect(read({}, { CAUSEWAY_LISTEN: '127.0.0.1:53, [::1]:53' }).listen).toEqual(both);
  });
});

describe('what is taken', () => {
  test.each<[keyof DnsConfig, string, unknown]>([
    ['zone', 'Mesh.Example.', 'mesh.example'],
    ['clusterId', 'prod.eu-1', 'prod.eu-1'],
    ['ttl', '0', 0],
    ['ttl', '3600', 3600],
    ['tcpIdleTimeout', '1500ms', 1500],
    ['tcpIdleTimeout', '2m', 120_000],
    ['queryLogSample', '1', 1],
    ['queryLogSample', '.25', 0.25],
    ['clusterNames', 'true', true],
    ['nameserverAddress', 'fd00::0:53', ['fd00::53']],
    ['nsid', 'dns 1', 'dns 1'],
    ['backends', 'endpoints', 'endpoints'],
    ['source', 'directory:/etc/mesh:2', { scheme: 'directory', path: '/etc/mesh:2' }],
    ['source', 'kubernetes', { scheme: 'kubernetes' }],
    ['stateDir', '/var/lib/causeway', '/var/lib/causeway'],
  ])('%s %s', (name, text, value) => {
    expect(read({ [name]: [text] })[name]).toEqual(value);
  });

  test('a block of addresses', () => {
    const [block] = read({ allowTransfer: ['10.0.0.0/8'] }).allowTransfer;
    expect([block?.contains('10.1.2.3'), block?.contains('11.1.2.3')]).toEqual([true, false]);
  });
});

describe('what is refused, in words', () => {
  test.each<[keyof DnsConfig, string, string]>([
    ['ttl', '-1', '--ttl: found "-1", must be a whole number of seconds from 0 to 3600'],
    ['ttl', '3601', '--ttl: found "3601", must be a whole number of seconds from 0 to 3600'],
    ['ttl', '1e3', '--ttl: found "1e3", must be a whole number of seconds from 0 to 3600'],
    ['ttl', '', '--ttl: found "", must be a whole number of seconds from 0 to 3600'],
    ['ttl', '5\n6', '--ttl: found "5\\n6", must be a whole number of seconds from 0 to 3600'],
    [
      'udpPayloadSize',
      '511',
      '--udp-payload-size: found "511", must be a whole number of octets from 512 to 4096',
    ],
    [
      'tcpIdleTimeout',
      '30',
      '--tcp-idle-timeout: found "30", must be a duration such as 30s or 2m, from 1s to 60m',
    ],
    [
      'tcpIdleTimeout',
      '10ms',
      '--tcp-idle-timeout: found "10ms", must be a duration such as 30s or 2m, from 1s to 60m',
    ],
    ['queryLogSample', '1.1', '--query-log-sample: found "1.1", must be a number from 0 to 1, such as 0.01'],
    ['clusterNames', 'yes', '--cluster-names: found "yes", must be true or false'],
    ['backends', 'pods', '--backends: found "pods", must be one of service, loadbalancer, endpoints'],
    ['listen', 'localhost:53', '--listen: found "localhost:53", must be an IP address and a port'],
    ['listen', '127.0.0.1:53,', '--listen: found "", must be an IP address and a port'],
    ['httpListen', ':9353', '--http-listen: found ":9353", must be an IP address and a port'],
    ['clusterId', 'East', '--cluster-id: found "East", must be a cluster id: lower-case letters'],
    ['zone', '.', '--zone: found ".", must be a domain name such as clusterset.local'],
    ['zone', 'a..b', '--zone: found "a..b", must be a domain name such as clusterset.local'],
    [
      'nameserverAddress',
      '::ffff:1.2.3.4',
      '--nameserver-address: found "::ffff:1.2.3.4", must be an IPv4 or IPv6 address',
    ],
    [
      'allowTransfer',
      '10.0.0.0',
      '--allow-transfer: found "10.0.0.0", must be an address block such as 10.0.0.0/8',
    ],
    ['nsid', 'ö', '--nsid: found "ö", must be 1 to 64 printable ASCII characters'],
    [
      'source',
      'mesh',
      '--source: found "mesh", must be directory:PATH, such as directory:mesh, or kubernetes',
    ],
  ])('%s %j', (name, text, message) => {
    expect(() => read({ [name]: [text] })).toThrow(message);
  });

  test('a variable is named as such', () => {
    expect(() => read({}, { CAUSEWAY_TTL: 'x' })).toThrow(
      'CAUSEWAY_TTL: found "x", must be a whole number of seconds from 0 to 3600',
    );
  });
});
