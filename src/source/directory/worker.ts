import { parentPort } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { readBytes } from './bytes.ts';
import { brokenReading, type FileReading, type PlacedObject, type Remarks, readSteps } from './reading.ts';

/** A piece of one file's reading, as JSON. */
export interface ReadingPart {
  readonly placed: readonly PlacedObject[];
  /** With the last piece. */
  readonly remarks?: Remarks;
}

/** Objects in one piece: the other side unpacks it in a millisecond or two. */
const PART = 1000;

/** The thread that reads large files: it is sent a path, and sends the file's reading back in pieces. */
parentPort?.on('message', async (path: string) => {
  for (const part of split(await readPath(path))) parentPort?.postMessage(JSON.stringify(part));
});

async function readPath(path: string): Promise<FileReading> {
  try {
    const steps = readSteps(await readBytes(path), true);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value ?? brokenReading('is neither JSON nor YAML');
  } catch (thrown) {
    return brokenReading(messageOf(thrown));
  }
}

function* split({ objects, remarks }: FileReading): Generator<ReadingPart> {
  const placed = [...objects.values()];
  let start = 0;
  for (; start + PART < placed.length; start += PART) yield { placed: placed.slice(start, start + PART) };
  yield { placed: placed.slice(start), remarks };
}
