import { parseBlock } from '../../base/block.ts';
import { parseAddress } from '../../base/ip.ts';
import { hash53 } from '../mac.ts';
import type { Marks } from '../model.ts';
import type { AcceptedBlock, Session, Speaker, SpeakerFamily } from './speaker.ts';

/** What a configuration needs beside what the daemon shall do. */
export interface BirdContext {
  readonly marks: Marks;
  /** Where the daemon logs. */
  readonly logFile: string;
  /** By the address of the neighbor (RFC 2385). They stand in the text, which must not be shown. */
  readonly passwords: ReadonlyMap<string, string>;
}

/** A configuration and what tells it from others: the daemon is asked which one it runs by. */
export interface BirdConfig {
  readonly text: string;
  readonly fingerprint: string;
}

/** The constant in the configuration that holds its fingerprint. */
export const FINGERPRINT = 'causeway_config';

/** Octets that the log may grow to, twice. */
const LOG_SIZE = 1_048_576;
/** Seconds until a neighbor that says nothing is given up, and its routes with it: long enough for a busy one. */
const HOLD = 30;
/** Seconds. By default BIRD waits for up to five minutes after an error. */
const CONNECT = { delay: 1, retry: 5, afterError: '1, 15' } as const;
/** Seconds for which a daemon that begins again leaves the kernel alone while sessions come up (RFC 4724). */
const RECOVERY = 30;
/** More routes than any neighbor has for us. A node has a few blocks; a router may tell of the whole world. */
const MOST_RECEIVED = { node: 64, router: 1_000_000 } as const;
/** Two routers in front of a rack are common. */
const MOST_PATHS = 8;

/** In the words of BIRD 2. All blocks were checked before, and nothing gets in here that is not of its kind. */
export function birdConfig(speaker: Speaker, { marks, logFile, passwords }: BirdContext): BirdConfig {
  const text = [
    `log ${quoted(logFile)} ${LOG_SIZE} ${quoted(`${logFile}.1`)} { info, remote, warning, error, auth, fatal, bug };`,
    `router id ${addressText(speaker.id)};`,
    `graceful restart wait ${RECOVERY};`,
    '',
    'protocol device devices {',
    '}',
    ...speaker.families.flatMap(family => ['', ...familyLines(family, speaker, marks, passwords)]),
  ].join('\n');
  const fingerprint = hash53(text).toString(36);
  return { text: `define ${FINGERPRINT} = ${quoted(fingerprint)};\n${text}\n`, fingerprint };
}

function familyLines(
  family: SpeakerFamily,
  { mtu }: Speaker,
  marks: Marks,
  passwords: BirdContext['passwords'],
): string[] {
  const channel = family.family === 'IPv4' ? 'ipv4' : 'ipv6';
  const table = `causeway${channel.at(-1)}`;
  return [
    `${channel} table ${table};`,
    '',
    `protocol static pods${channel.at(-1)} {`,
    `  ${channel} { table ${table}; };`,
    ...family.announces.map(cidr => `  route ${blockText(cidr)} blackhole;`),
    '}',
    '',
    ...kernelLines(family, mtu, { channel, table, marks }),
    ...family.sessions.flatMap(session => [
      '',
      ...sessionLines(session, { channel, table, marks, password: passwords.get(session.neighbor) }),
    ]),
  ];
}

interface Place {
  readonly channel: 'ipv4' | 'ipv6';
  readonly table: string;
  readonly marks: Marks;
}

/** Into a table of the kernel's that is for nothing else, and out of none: routes of others are nobody's to pass on. */
function kernelLines(
  { source, sessions }: SpeakerFamily,
  mtu: number,
  { channel, table, marks }: Place,
): string[] {
  return [
    `protocol kernel kernel${channel.at(-1)} {`,
    `  kernel table ${whole(marks.bgp.table)};`,
    '  persist;',
    '  graceful restart on;',
    '  scan time 10;',
    `  merge paths on limit ${MOST_PATHS};`,
    `  ${channel} {`,
    `    table ${table};`,
    '    import none;',
    '    export filter {',
    '      if source != RTS_BGP then reject;',
    ...(source === undefined ? [] : [`      krt_prefsrc = ${addressText(source)};`]),
    ...smallerBlocks(sessions, mtu).flatMap(([octets, blocks]) => [
      `      if net ~ ${blockSet(blocks, '      ')} then krt_mtu = ${whole(octets)};`,
    ]),
    '      accept;',
    '    };',
    '  };',
    '}',
  ];
}

/** Those to which packets have to be smaller than the network here takes. */
function smallerBlocks(sessions: readonly Session[], mtu: number): [number, AcceptedBlock[]][] {
  const found = new Map<number, Map<string, AcceptedBlock>>();
  for (const block of sessions.flatMap(({ accepts }) => accepts)) {
    if (block.mtu >= mtu) continue;
    const blocks = found.get(block.mtu) ?? new Map<string, AcceptedBlock>();
    found.set(block.mtu, blocks.set(block.cidr, block));
  }
  return [...found]
    .sort(([one], [other]) => one - other)
    .map(([octets, blocks]) => [octets, [...blocks.values()]]);
}

function sessionLines(
  session: Session,
  { channel, table, marks, password }: Place & { readonly password: string | undefined },
): string[] {
  const { kind, local, neighbor, as, accepts } = session;
  const port = whole(marks.bgp.port);
  return [
    `protocol bgp ${sessionName(session)} {`,
    `  local ${addressText(local)} port ${port} as ${whole(as.own)};`,
    `  neighbor ${addressText(neighbor)}${kind === 'node' ? ` port ${port}` : ''} as ${whole(as.neighbor)};`,
    '  strict bind;',
    '  direct;',
    ...(kind === 'node'
      ? // Whoever is not on this link cannot speak (RFC 5082).
        ['  ttl security on;']
      : // All clusters may have one number; with nothing learnt ever passed on there are no loops to find.
        ['  allow local as 1;']),
    ...(password === undefined ? [] : [`  password ${quoted(password)};`]),
    `  hold time ${HOLD};`,
    `  connect delay time ${CONNECT.delay};`,
    `  connect retry time ${CONNECT.retry};`,
    `  error wait time ${CONNECT.afterError};`,
    '  graceful restart on;',
    `  ${channel} {`,
    `    table ${table};`,
    '    gateway direct;',
    `    receive limit ${MOST_RECEIVED[kind]} action restart;`,
    ...(accepts.length === 0
      ? ['    import none;']
      : [
          `    import limit ${accepts.length} action block;`,
          '    import filter {',
          `      if net ~ ${blockSet(accepts, '      ')} then accept;`,
          '      reject;',
          '    };',
        ]),
    '    export filter {',
    '      if source = RTS_STATIC then accept;',
    '      reject;',
    '    };',
    '  };',
    '}',
  ];
}

/** Stays the same whatever else changes, so that a new configuration leaves the session alone. */
export function sessionName({ kind, neighbor }: Pick<Session, 'kind' | 'neighbor'>): string {
  return `${kind}_${addressText(neighbor).replace(/[.:]/g, '_')}`;
}

function blockSet(blocks: readonly AcceptedBlock[], indent: string): string {
  return `[\n${blocks.map(({ cidr }) => `${indent}  ${blockText(cidr)}`).join(',\n')}\n${indent}]`;
}

function addressText(text: string): string {
  if (parseAddress(text) === text) return text;
  throw new Error(`not an address: ${JSON.stringify(text)}`);
}

function blockText(text: string): string {
  if (parseBlock(text)?.text === text) return text;
  throw new Error(`not a block: ${JSON.stringify(text)}`);
}

function whole(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  throw new Error(`not a whole number: ${value}`);
}

/** BIRD knows no way to write a quote or an end of line in a text. The value may be a secret and is not told. */
function quoted(text: string): string {
  if (/^[ !#-~]+$/.test(text)) return `"${text}"`;
  throw new Error(
    'a text with quotes or characters that are not printable ASCII cannot stand in a configuration',
  );
}
