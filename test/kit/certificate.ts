import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
}

export interface Wanted {
  /** Kubernetes reads the user name from it. */
  readonly commonName?: string;
  /** And his group from this. */
  readonly organization?: string;
  /** IPv4 addresses; default: that of loopback. */
  readonly addresses?: readonly string[];
  /** DNS names. */
  readonly names?: readonly string[];
  /** Days from now; below zero: it has expired. */
  readonly days?: number;
  /** Extended key usage; default: none, so it may be used for everything. */
  readonly usages?: readonly (keyof typeof USAGES)[];
}

/** RFC 5280 section 4.2.1.12. */
const USAGES = { serverAuth: '2b06010505070301', clientAuth: '2b06010505070302' } as const;

const DAY = 86_400_000;

/**
 * A certificate authority for tests (RFC 5280, P-256): Node reads certificates but makes none. Its key is kept nowhere,
 * so what it shall sign is signed while it lives.
 */
export class Authority {
  readonly cert: string;
  readonly #name: Buffer;
  readonly #key: KeyObject;

  constructor(commonName = 'test authority', days = 1) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = nameOf(commonName);
    this.#key = privateKey;
    const isAuthority = extension('551d13', sequence(tagged(0x01, Buffer.of(0xff))));
    this.cert = this.#sign(this.#name, publicKey, days, [isAuthority]);
  }

  issue(wanted: Wanted = {}): Issued {
    const { commonName = 'server', organization, days = 1 } = wanted;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const extensions = [...placesOf(wanted), ...purposesOf(wanted)];
    return {
      cert: this.#sign(nameOf(commonName, organization), publicKey, days, extensions),
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
  }

  #sign(subject: Buffer, publicKey: KeyObject, days: number, extensions: readonly Buffer[]): string {
    const ends = Date.now() + days * DAY;
    const serial = Buffer.concat([Buffer.of(1), randomBytes(8)]);
    const body = sequence(
      tagged(0xa0, tagged(0x02, Buffer.of(2))),
      tagged(0x02, serial),
      ECDSA_WITH_SHA256,
      this.#name,
      sequence(time(Math.min(ends, Date.now()) - DAY), time(ends)),
      subject,
      publicKey.export({ type: 'spki', format: 'der' }),
      ...(extensions.length > 0 ? [tagged(0xa3, sequence(...extensions))] : []),
    );
    const signature = tagged(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, this.#key)]));
    return pem('CERTIFICATE', sequence(body, ECDSA_WITH_SHA256, signature));
  }
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));

function nameOf(commonName: string, organization?: string): Buffer {
  const part = (type: string, text: string): Buffer =>
    tagged(0x31, sequence(oid(type), tagged(0x0c, Buffer.from(text))));
  return sequence(
    ...(organization === undefined ? [] : [part('55040a', organization)]),
    part('550403', commonName),
  );
}

/** The extension that says where the certificate holds; none where it says nothing. */
function placesOf({ addresses = ['127.0.0.1'], names = [] }: Wanted): Buffer[] {
  const places = [
    ...names.map(name => tagged(0x82, Buffer.from(name))),
    ...addresses.map(address => tagged(0x87, Buffer.from(address.split('.').map(Number)))),
  ];
  return places.length > 0 ? [extension('551d11', sequence(...places))] : [];
}

function purposesOf({ usages = [] }: Wanted): Buffer[] {
  const identifiers = usages.map(usage => oid(USAGES[usage]));
  return identifiers.length > 0 ? [extension('551d25', sequence(...identifiers))] : [];
}

function time(at: number): Buffer {
  return tagged(0x18, Buffer.from(`${new Date(at).toISOString().replace(/\.\d+|[-:T]/g, '')}`));
}

function extension(identifier: string, value: Buffer): Buffer {
  return sequence(oid(identifier), tagged(0x04, value));
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
