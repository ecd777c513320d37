import { parseAllDocuments } from 'yaml';

/** An object as it is applied. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Text of the files in `deploy/`, by path from there: `base/dns.yaml`. */
export type DeployFiles = ReadonlyMap<string, string>;

/**
 * The documents of one file.
 *
 * @throws Error where there is no such file or it is no YAML: the package is broken
 */
export function documentsOf(files: DeployFiles, path: string): object[] {
  const text = files.get(path);
  if (text === undefined) throw new Error(`deploy/${path} is missing in the package`);
  return parseAllDocuments(text).map(document => {
    const [fault] = document.errors;
    if (fault !== undefined) throw new Error(`deploy/${path}: ${fault.message}`);
    return Object(document.toJS());
  });
}
