import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../kit/process.ts';

/** Base64 of PEM files, as a kubeconfig holds them. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The certificates and keys of one cluster, made by OpenSSL: Node can read X.509 but not sign it.
 * Everything lies below one folder, so that another process finds the same authority again.
 */
export class Authority {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  path(file: string): string {
    return join(this.#folder, file);
  }

  /**
   * Makes the authority itself, what the API server shows and what it signs service accounts' tokens with.
   * @param names of the API server, as OpenSSL has them: `IP:127.0.0.1`, `DNS:localhost`
   */
  async create(names: readonly string[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#openssl([
      'req',
      '-x509',
      ...newKey('ca.key'),
      '-subj',
      '/CN=bed',
      ...years,
      '-out',
      'ca.crt',
    ]);
    await this.issue('kube-apiserver', '/CN=kube-apiserver', `subjectAltName=${names.join(',')}`);
    await this.#openssl(['genpkey', ...curve('-pkeyopt'), '-algorithm', 'EC', '-out', 'accounts.key']);
    await this.#openssl(['pkey', '-in', 'accounts.key', '-pubout', '-out', 'accounts.pub']);
  }

  /**
   * Writes `NAME.crt` and `NAME.key`.
   * @param subject as OpenSSL has it: `/O=group/CN=user` of a client
   * @param extension one line of an X.509v3 extension file
   */
  async issue(name: string, subject: string, extension = 'extendedKeyUsage=clientAuth'): Promise<void> {
    await writeFile(this.path(`${name}.ext`), `${extension}\n`);
    const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    await this.#openssl(['req', '-new', ...newKey(`${name}.key`), '-subj', subject, '-out', `${name}.csr`]);
    await this.#openssl(['x509', '-req', '-in', `${name}.csr`, ...signed, ...years, '-out', `${name}.crt`]);
  }

  /** What an issued client shows, base64 of PEM. */
  client(name: string): ClientCertificate {
    return { certificate: this.#base64(`${name}.crt`), key: this.#base64(`${name}.key`) };
  }

  /** The certificate that clients trust, base64 of PEM. */
  root(): string {
    return this.#base64('ca.crt');
  }

  #base64(file: string): string {
    return readFileSync(this.path(file)).toString('base64');
  }

  #openssl(args: readonly string[]): Promise<string> {
    return run('openssl', args, { cwd: this.#folder });
  }
}

const years = ['-days', '3650'];

/** Elliptic curves: an RSA key takes longer to find than all the rest. */
function curve(option: '-newkey' | '-pkeyopt'): string[] {
  const parameter = 'ec_paramgen_curve:P-256';
  return option === '-newkey' ? ['-newkey', 'ec', '-pkeyopt', parameter] : ['-pkeyopt', parameter];
}

function newKey(file: string): string[] {
  return [...curve('-newkey'), '-noenc', '-keyout', file];
}
