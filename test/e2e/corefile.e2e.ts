import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { install, remove } from '../../src/corefile/edit.ts';
import { findingsOf } from '../../src/corefile/findings.ts';
import { readCorefile } from '../../src/corefile/read.ts';
import { type RunningStanza, runningStanza, runningZones } from '../../src/corefile/replica.ts';
import { CUSTOM_KEY, dialectOf, type Stanza, stanzaFor } from '../../src/corefile/stanza.ts';
import { corefiles, plainSamples, samples } from '../kit/corefiles.ts';
import { type CoreDns, startCoreDns } from './kit/coredns.ts';
import { type Machine, onOneMachine, RefusingServer } from './kit/corefile.ts';
import { Daemon, sampleMesh } from './kit/daemon.ts';
import { dig, sortedData } from './kit/dig.ts';
import { freePort } from './kit/ports.ts';
import { eventually } from './kit/process.ts';

/** What `install` makes of Corefiles in use, in the real CoreDNS, in front of the real daemon on the sample mesh. */
let daemon: Daemon;
let machine: Machine;
let running: CoreDns | undefined;
const others = new RefusingServer();

beforeAll(async () => {
  daemon = await Daemon.start(sampleMesh);
  machine = { port: await freePort(), metricsPort: await freePort(), upstream: await others.start() };
});

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

afterAll(async () => {
  await daemon?.stop();
  await others.stop();
});

async function boot(corefile: string, files?: ReadonlyMap<string, string>): Promise<CoreDns> {
  running = await startCoreDns(corefile, files);
  return running;
}

const ask = 'metrics.platform.svc.clusterset.local';

async function loaded(): Promise<RunningStanza> {
  const page = await fetch(`http://127.0.0.1:${machine.metricsPort}/metrics`);
  return runningStanza(runningZones(await page.text()), 'clusterset.local');
}

async function expectAnswered(): Promise<void> {
  for (const transport of ['+notcp', '+tcp'])
    expect(sortedData(await dig(machine.port, `${ask} ${transport}`))).toEqual(['10.30.0.14']);
  expect(await loaded()).toEqual({ present: true, cached: false });
}

async function expectUnanswered(): Promise<void> {
  const before = await daemon.queries('udp');
  expect(await dig(machine.port, `${ask} +notcp`)).toMatchObject({ status: 'REFUSED' });
  expect(await daemon.queries('udp')).toBe(before);
  expect(await loaded()).toEqual({ present: false, cached: false });
}

function stanzaOf(text: string): Stanza {
  const corefile = readCorefile(text);
  const options = { zone: 'clusterset.local', addresses: [daemon.address], dialect: dialectOf(corefile) };
  return stanzaFor(corefile, options);
}

const spelt = samples.filter(({ name }) => /^kubeadm.*(CRLF|byte order|tabs)/.test(name));

describe.each([...plainSamples, ...spelt])('$name', sample => {
  test('answers the zone after install, and no longer after remove', async () => {
    const text = onOneMachine(sample.text, machine);
    const installed = install(text, stanzaOf(text));
    await boot(installed);
    await expectAnswered();
    await running?.stop();
    await boot(remove(installed));
    await expectUnanswered();
  });
});

describe.each([
  { name: 'AKS', sample: corefiles.aks },
  { name: 'k3s', sample: corefiles.k3s },
])('$name, with the stanza in ConfigMap coredns-custom', ({ sample }) => {
  test('answers the zone, and Causeway finds nothing to say against it', async () => {
    const text = onOneMachine(sample, machine);
    const key = install('', stanzaOf(text));
    await boot(text, new Map([[`custom/${CUSTOM_KEY}`, key]]));
    await expectAnswered();
    const expected = {
      zone: 'clusterset.local',
      port: `${machine.port}`,
      addresses: [daemon.address],
      clusterDns: [],
    };
    const files = new Map([
      [CUSTOM_KEY, key],
      ['empty.override', ''],
    ]);
    expect(findingsOf(readCorefile(text), expected, files).map(({ code }) => code)).toEqual([
      'STANZA_MANAGED',
    ]);
  });
});

test('a running CoreDNS shows in its metrics when it has taken a change up', async () => {
  const text = onOneMachine(corefiles.kind, machine).replace('reload', 'reload 2s 1s');
  const coreDns = await boot(text);
  expect(await loaded()).toEqual({ present: false, cached: false });
  const installed = install(text, stanzaOf(text));
  await coreDns.rewrite(installed);
  await eventually(async () => expect(await loaded()).toEqual({ present: true, cached: false }), 20_000);
  // The old one has the same port until it is gone.
  await eventually(expectAnswered, 10_000);
  await coreDns.rewrite(installed.replace('    errors\n    bind 127.0.0.1\n    forward', '    cache\n$&'));
  await eventually(async () => expect(await loaded()).toEqual({ present: true, cached: true }), 20_000);
  await coreDns.rewrite(remove(installed));
  await eventually(async () => expect(await loaded()).toEqual({ present: false, cached: false }), 20_000);
});

describe('the reader and CoreDNS agree', () => {
  test.each([
    {
      what: 'a block that begins on the line of its brace',
      text: 'a:PORT { bind 127.0.0.1\n  errors\n}\n',
      taken: true,
    },
    {
      what: 'a brace on the line below the zone',
      text: 'a:PORT\n{\n  bind 127.0.0.1\n}\n',
      taken: true,
    },
    { what: 'a block without braces', text: 'a:PORT\nbind 127.0.0.1\nerrors\n', taken: true },
    { what: 'zones with commas', text: 'a:PORT,\n  b:PORT {\n  bind 127.0.0.1\n}\n', taken: true },
    {
      what: 'a line end inside quotes',
      text: 'a:PORT {\n  bind 127.0.0.1\n  log . "a\nb" {\n    class all\n  }\n}\n',
      taken: true,
    },
    // Were it a comment up to the end of the line, bind would be refused for want of an address.
    { what: 'a comment that sticks to a word', text: 'a:PORT {\n  bind# 127.0.0.1\n}\n', taken: true },
    { what: 'everything on one line', text: 'a:PORT { errors }\n', taken: false },
    { what: 'blocks that are never closed', text: 'a:PORT {\n  log {\n    class all\n', taken: false },
    { what: 'a snippet twice', text: '(s) {\n}\n(s) {\n}\na:PORT {\n}\n', taken: false },
    { what: 'an import of two', text: 'a:PORT {\n  import a b\n}\n', taken: false },
    { what: 'a comma before the brace', text: 'a:PORT, {\n}\n', taken: false },
  ])('on $what', async ({ text, taken }) => {
    const corefile = text.replaceAll('PORT', `${machine.port}`);
    const [ours, theirs] = await Promise.allSettled([
      Promise.resolve().then(() => readCorefile(corefile)),
      boot(corefile),
    ]);
    expect({ ours: ours.status, theirs: theirs.status }).toEqual(
      taken ? { ours: 'fulfilled', theirs: 'fulfilled' } : { ours: 'rejected', theirs: 'rejected' },
    );
  });

  test('but for a last brace that is missing, which only CoreDNS forgives', async () => {
    const corefile = `a:${machine.port} {\n  bind 127.0.0.1\n  log {\n    class all\n  }\n`;
    await boot(corefile);
    expect(() => readCorefile(corefile)).toThrow('found a { that is never closed');
  });
});
