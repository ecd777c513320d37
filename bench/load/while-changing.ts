import { join } from 'node:path';
import type { RunningServer } from '../dns/running.ts';
import type { Stage } from '../dns/stage.ts';
import { Changer } from './changer.ts';

/**
 * Works while the services that a server answers for change. Ours reads what is changed. While others are measured the
 * same is written where nobody reads it: whatever it takes from the client, which shares its CPU with it, it takes from
 * it beside all servers.
 *
 * @param rate changes per second; 0: none
 */
export async function whileChanging<Result>(
  stage: Stage,
  { server, directory }: RunningServer,
  rate: number,
  work: () => Promise<Result>,
): Promise<Result> {
  if (rate === 0) return await work();
  const isOurs = server.role === 'subject' || server.role === 'variant';
  const changer = new Changer(isOurs ? directory : join(stage.directory, 'unread'), stage.zone, () =>
    performance.now(),
  );
  changer.start(rate);
  try {
    return await work();
  } finally {
    changer.stop();
  }
}
