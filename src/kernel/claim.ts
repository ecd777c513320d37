import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
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
 * @throws CausewayError AGENT_RUNS where another process has it; whatever else keeps it from being had as it is
 */
export async function claimHost(name = NAME): Promise<() => void> {
  const server = createServer(client =>
    client
      .on('error', () => {})
      .setTimeout(PATIENCE, () => client.destroy())
      .end(`${process.pid}`),
  );
  server.listen(name);
  try {
    await once(server, 'listening');
  } catch (reason) {
    if ((reason as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw reason;
    throw new CausewayError(
      'AGENT_RUNS',
      `an agent runs on this host already: ${await holder(name)}; there can be one, and none while --clean removes what it made`,
    );
  }
  server.unref();
  return () => void server.close();
}

/** Whether a process keeps the network namespace to its plan now. */
export async function isClaimed(name = NAME): Promise<boolean> {
  const socket = connect(name);
  try {
    await once(socket, 'connect');
    return true;
  } catch (reason) {
    // One that is too busy to take the connection is there all the same.
    return (reason as NodeJS.ErrnoException).code !== 'ECONNREFUSED';
  } finally {
    socket.destroy();
  }
}

/**
 * A process does not know how it is called outside of its container, where it is the first. Whoever has the name may
 * say anything, and for ever: such names know no permissions.
 */
async function holder(name: string): Promise<string> {
  const socket = connect({ path: name, signal: AbortSignal.timeout(PATIENCE) });
  const told = await beginning(socket).catch(() => '');
  if (told === '1') return 'the main process of a container';
  return /^\d{1,10}$/.test(told) ? `process ${told}` : 'a process that does not say its number';
}

/** What a process says, up to what is too long for a number. */
async function beginning(socket: Socket): Promise<string> {
  let told = '';
  for await (const chunk of socket.setEncoding('latin1')) {
    told += String(chunk).slice(0, 16);
    if (told.length >= 16) break;
  }
  return told;
}
