import { CausewayError } from '../base/errors.ts';
import { DirectorySource } from './directory/directory.ts';
import type { RecordSource, SourceOptions } from './source.ts';

export type { RecordSource, SourceOptions, SourceSink } from './source.ts';

/** Every kind of source by its scheme. */
const SCHEMES: Readonly<Record<string, (rest: string, options: SourceOptions) => RecordSource>> = {
  directory: (path, options) => new DirectorySource(path, options),
};

/**
 * The source that `scheme:rest` names.
 * @throws CausewayError SETTING_INVALID where it names none
 */
export function openSource(text: string, options: SourceOptions): RecordSource {
  const [, scheme = '', rest = ''] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  const open = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (open === undefined) {
    throw new CausewayError(
      'SETTING_INVALID',
      `--source: found ${JSON.stringify(text)}: must be ${Object.keys(SCHEMES).join(' or ')}, a colon and where to ` +
        'read, as in directory:mesh',
    );
  }
  return open(rest, options);
}
