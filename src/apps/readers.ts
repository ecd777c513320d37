import { type Block, parseBlock } from '../base/block.ts';
import { type Cidr, parseAddress, parseCidr } from '../base/ip.ts';
import { isClusterId, isLabel } from '../base/name.ts';
import { isSubdomain } from '../objects/fields.ts';
import { DEVICE_PREFIX } from '../routes/model.ts';
import { type ListenAddress, parseListenAddress } from '../serve/transport.ts';
import { parseSource, SOURCE_FORMS, type SourceAddress } from '../source/source-text.ts';
import type { Reader } from './setting.ts';

/** A number that counts nothing but names something. @param what `a UDP port` */
export function numbered(placeholder: string, least: number, most: number, what: string): Reader<number> {
  return { ...integer(placeholder, least, most, what), must: `${what} from ${least} to ${most}` };
}

/** A whole number. */
export function integer(placeholder: string, least: number, most: number, unit: string): Reader<number> {
  return {
    placeholder: `<${placeholder}>`,
    must: `a whole number of ${unit} from ${least} to ${most}`,
    read: text => within(/^\d{1,9}$/.test(text) ? Number(text) : Number.NaN, least, most),
  };
}

export const fraction: Reader<number> = {
  placeholder: '<fraction>',
  must: 'a number from 0 to 1, such as 0.01',
  read: text => within(/^(\d+|\d*\.\d+)$/.test(text) ? Number(text) : Number.NaN, 0, 1),
};

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration with its unit; the value is in milliseconds. */
export function duration(least: string, most: string): Reader<number> {
  const from = milliseconds(least) ?? 0;
  const to = milliseconds(most) ?? 0;
  return {
    placeholder: '<duration>',
    must: `a duration such as 30s or 2m, from ${least} to ${most}`,
    read: text => within(milliseconds(text) ?? Number.NaN, from, to),
  };
}

function milliseconds(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,6})(ms|s|m|h|d)$/.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit] ?? 0);
}

function within(value: number, least: number, most: number): number | undefined {
  return value >= least && value <= most ? value : undefined;
}

export function choice<const Value extends string>(values: readonly Value[]): Reader<Value> {
  return {
    placeholder: `<${values.join('|')}>`,
    suggests: values,
    must: `one of ${values.join(', ')}`,
    read: text => values.find(value => value === text),
  };
}

/** A flag that needs no value: `--cluster-names` says true. */
export const truth: Reader<boolean> = {
  placeholder: '[true|false]',
  must: 'true or false',
  read: text => ({ true: true, false: false })[text],
};

export const listenAddress: Reader<ListenAddress> = {
  placeholder: '<address:port>',
  must: 'an IP address and a port, such as 127.0.0.1:1053, 0.0.0.0:53 or [::1]:1053',
  read: parseListenAddress,
};

export const dnsServer: Reader<ListenAddress> = {
  placeholder: '<address[:port]>',
  must: 'an IP address and, if it is not 53, a port, such as 10.96.0.10, 127.0.0.1:1053 or [::1]:1053',
  read: text => {
    const address = parseAddress(text);
    if (address !== undefined) return { address, port: 53 };
    const found = parseListenAddress(text);
    return found?.port === 0 ? undefined : found;
  },
};

export const address: Reader<string> = {
  placeholder: '<address>',
  must: 'an IPv4 or IPv6 address',
  read: parseAddress,
};

export const cidr: Reader<Cidr> = {
  placeholder: '<cidr>',
  must: 'an address block such as 10.0.0.0/8 or fd00::/8',
  read: parseCidr,
};

export const block: Reader<Block> = {
  placeholder: '<cidr>',
  must: 'an address block such as 10.0.0.0/8 or fd00::/8, without host bits',
  read: parseBlock,
};

export const image: Reader<string> = {
  placeholder: '<image>',
  must: '1 to 512 printable ASCII characters, without white space',
  read: found => (/^[!-~]{1,512}$/.test(found) ? found : undefined),
};

export const httpsUrl: Reader<string> = {
  placeholder: '<url>',
  must: 'an address such as https://api.east.example.com:6443',
  read: found => {
    const url = URL.parse(found);
    const isPlain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
    return isPlain && url.protocol === 'https:'
      ? `${url.origin}${url.pathname.replace(/\/+$/, '')}`
      : undefined;
  },
};

export const labelValue: Reader<string> = {
  placeholder: '<value>',
  must: 'the value of a label: letters, digits, ".", "_" and "-", at most 63',
  read: text => (/^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(text) ? text : undefined),
};

export const clusterId: Reader<string> = {
  placeholder: '<id>',
  must: 'a cluster id: lower-case letters, digits and hyphens, in parts joined by dots, at most 63 characters',
  read: text => (isClusterId(text) ? text : undefined),
};

export const namespace: Reader<string> = {
  placeholder: '<namespace>',
  must: 'the name of a namespace: lower-case letters, digits and hyphens, at most 63 characters',
  read: text => (isLabel(text) ? text : undefined),
};

export const nodeName: Reader<string> = {
  placeholder: '<node>',
  must: 'the name of a Node: lower-case letters, digits, "-" and ".", at most 253 characters',
  read: text => (isSubdomain(text) ? text : undefined),
};

export const deviceName: Reader<string> = {
  placeholder: '<device>',
  must: 'the name of a network device: letters, digits, ".", "_" and "-", at most 15',
  read: text => (/^[A-Za-z0-9_][-A-Za-z0-9_.]{0,14}$/.test(text) ? text : undefined),
};

/** A device that is made, and removed: one that somebody else named cannot be meant by mistake. */
export const ownDeviceName: Reader<string> = {
  placeholder: '<device>',
  must: `a name that begins with "${DEVICE_PREFIX}", then lower-case letters, digits and "-", at most 15 characters`,
  read: text =>
    text.startsWith(DEVICE_PREFIX) && /^[-a-z0-9]{1,6}$/.test(text.slice(DEVICE_PREFIX.length))
      ? text
      : undefined,
};

export const namespacedName: Reader<{ readonly namespace: string; readonly name: string }> = {
  placeholder: '<namespace/name>',
  must: 'a namespace and a name, such as kube-system/coredns',
  read: text => {
    const [namespace = '', name = '', ...more] = text.split('/');
    const valid =
      isLabel(namespace) && name.length <= 253 && name.split('.').every(isLabel) && more.length === 0;
    return valid ? { namespace, name } : undefined;
  },
};

/** Longest zone that leaves room for the longest names in it, `<port>.<proto>.<service>.<namespace>.svc`. */
const LONGEST_ZONE = 100;

export const serviceName: Reader<string> = {
  placeholder: '<service>',
  must: 'the name of a Service: lower-case letters, digits and hyphens, at most 63 characters',
  read: text => (isLabel(text) ? text : undefined),
};

export const zoneName: Reader<string> = {
  placeholder: '<name>',
  must: `a domain name such as clusterset.local, at most ${LONGEST_ZONE} characters`,
  read: text => {
    const name = text.toLowerCase().replace(/\.$/, '');
    return name.length <= LONGEST_ZONE && name.split('.').every(isLabel) ? name : undefined;
  },
};

/** Text that goes into replies or names something outside; printable so that tools can show it. */
export function text(placeholder: string, most: number): Reader<string> {
  return {
    placeholder: `<${placeholder}>`,
    must: `1 to ${most} printable ASCII characters`,
    read: found => (/^[ -~]+$/.test(found) && found.length <= most ? found : undefined),
  };
}

export const path: Reader<string> = {
  placeholder: '<path>',
  suggests: 'files',
  must: 'a path',
  read: found => (found === '' ? undefined : found),
};

export const source: Reader<SourceAddress> = {
  placeholder: '<source>',
  must: SOURCE_FORMS,
  read: parseSource,
};

export const context: Reader<string> = { ...text('context', 256), suggests: 'contexts' };
