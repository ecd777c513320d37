import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { CausewayError } from '../base/errors.ts';

/** Of the abstract kind (unix(7)): the name is one of the network namespace, and goes with the process that has it. */
const NAME = '\0causeway-agent';
/** Milliseconds for which another process may take to say who it is. */
const PATIENCE = 1_000;

/**
 * Makes this process the one that keeps the network namespace to its plan: two would take each other's work for stale,
 * and what is removed beside one would come back.
 *
 * @returns gives it up; so does the end of the process, whatever that is
 * @throws CausewayError AGENT_RUNS where another process has it
 */
export async function claimHost(name = NAME): Promise<() => void> {
  const server = createServer(client => client.on('error', () => {}).end(`${process.pid}`));
  server.listen(name);
  try {
    await once(server, 'listening');
  } catch {
    throw new CausewayError(
      'AGENT_RUNS',
      `an agent runs on this host already: ${await holder(name)}; there can be one, and none while --clean removes what it made`,
    );
  }
  server.unref();
  return () => void server.close();
}

/** A process does not know how it is called outside of its container, where it is the first. */
async function holder(name: string): Promise<string> {
  const socket = connect(name).setTimeout(PATIENCE, () => socket.destroy());
  const pid = await text(socket).catch(() => '');
  return pid === '1' ? 'the main process of a container' : `process ${/^\d+$/.test(pid) ? pid : 'unknown'}`;
}
