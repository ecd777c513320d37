import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Authority, type Wanted } from '../../kit/certificate.ts';

/** Base64 of PEM files, as a kubeconfig holds them. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Days; a bed that is left running outlives every test. */
const days = 3_650;

/** The certificates and keys of one cluster, in a folder, where another process finds the same ones again. */
export class Pki {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(file: string): string {
    return join(this.#folder, file);
  }

  /**
   * Makes what the API server shows, what its administrator does, and what it signs service accounts' tokens with.
   * @param shown where the API server is
   */
  async create(shown: Pick<Wanted, 'addresses' | 'names'>): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const authority = new Authority('bed', days);
    const server = authority.issue({ commonName: 'kube-apiserver', ...shown, days });
    const admin = authority.issue({ commonName: 'admin', organization: 'system:masters', days });
    const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const files = {
      'ca.crt': authority.cert,
      'kube-apiserver.crt': server.cert,
      'kube-apiserver.key': server.key,
      'admin.crt': admin.cert,
      'admin.key': admin.key,
      'accounts.key': accounts.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      'accounts.pub': accounts.publicKey.export({ type: 'spki', format: 'pem' }),
    };
    for (const [file, text] of Object.entries(files)) await writeFile(this.path(file), text, { mode: 0o600 });
  }

  /** What the administrator shows, base64 of PEM. */
  admin(): ClientCertificate {
    return { certificate: this.#base64('admin.crt'), key: this.#base64('admin.key') };
  }

  /** The certificate that clients trust, base64 of PEM. */
  root(): string {
    return this.#base64('ca.crt');
  }

  #base64(file: string): string {
    return readFileSync(this.path(file)).toString('base64');
  }
}
