import { parseAddress } from '../base/ip.ts';
import type { Reader, Setting } from './setting.ts';

/** A router that nodes speak BGP to. */
export interface BGPPeer {
  /** Canonical. */
  readonly address: string;
  readonly as: number;
  readonly passwordFile?: string;
}

const FORM =
  'an address with as=NUMBER behind it, such as 10.0.0.1,as=64500, and password-file=PATH if there is one';

/** The number of an autonomous system (RFC 6793); 0, and the last of each size, are nobody's. */
export const asNumber: Reader<number> = {
  placeholder: '<number>',
  must: 'the number of an autonomous system, from 1 to 4294967294',
  read: text => {
    const number = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
    return number > 0 && number < 2 ** 32 - 1 && number !== 65_535 ? number : undefined;
  },
};

const peer: Reader<BGPPeer> = { placeholder: '<address,as=number>', must: FORM, read: readPeer };

/**
 * Routers, several with commas between them: what has a `=` in it belongs to the address before.
 */
export const bgpPeers: Setting<readonly BGPPeer[]> = {
  reader: peer,
  help: 'a router in front of the nodes that BGP is spoken to, of the same link as the node; where there is one, nodes do not speak to each other. Give it once for each router and family',
  shown: 'none: nodes on the same link speak to each other',
  repeatable: true,
  parse: texts => {
    const parts = (texts ?? []).flatMap(text => text.split(',')).map(part => part.trim());
    const peers: string[][] = [];
    for (const part of parts) {
      const last = peers.at(-1);
      if (part.includes('=') && last !== undefined) last.push(part);
      else peers.push([part]);
    }
    const read = peers.map(words => {
      const value = readPeer(words.join(','));
      if (value === undefined) throw new Error(`found ${JSON.stringify(words.join(','))}, must be ${FORM}`);
      return value;
    });
    const twice = read.find(({ address }, index) => read.findIndex(one => one.address === address) !== index);
    if (twice !== undefined)
      throw new Error(`found ${twice.address} twice, must be one session for each router`);
    return read;
  },
};

function readPeer(text: string): BGPPeer | undefined {
  const [first = '', ...rest] = text.split(',');
  const address = parseAddress(first);
  const options = new Map(
    rest.map(word => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
  );
  const as = asNumber.read(options.get('as') ?? '');
  const passwordFile = options.get('password-file');
  const known = [...options.keys()].every(name => name === 'as' || name === 'password-file');
  if (address === undefined || as === undefined || passwordFile === '' || !known) return undefined;
  if (address.startsWith('fe80:') || options.size !== rest.length) return undefined;
  return { address, as, ...(passwordFile === undefined ? {} : { passwordFile }) };
}
