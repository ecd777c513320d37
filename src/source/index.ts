import type { RecordSource, SourceOptions } from './source.ts';
import type { SourceAddress } from './source-text.ts';

export type { RecordSource, SourceOptions, SourceSink } from './source.ts';

/**
 * The source at an address, not started yet. Each is loaded only where it is asked for: neither needs what the other
 * reads with.
 */
export async function openSource(address: SourceAddress, options: SourceOptions): Promise<RecordSource> {
  switch (address.scheme) {
    case 'directory': {
      const { DirectorySource } = await import('./directory/directory.ts');
      return new DirectorySource(address.path, options);
    }
    case 'kubernetes': {
      const { KubernetesSource } = await import('./kubernetes/kubernetes.ts');
      return new KubernetesSource(options);
    }
  }
}
