import { expect, test } from 'vitest';
import { APIServerAddresses } from '../../src/apps/api-server-addresses.ts';
import { VirtualClock } from '../kit/clock.ts';

/** A resolver that knows what it is told to know. */
class Resolver {
  readonly asked: string[] = [];
  answer: readonly string[] | undefined;
  readonly lookUp = (host: string): Promise<readonly string[]> => {
    this.asked.push(host);
    return this.answer === undefined ? Promise.reject(new Error('EAI_AGAIN')) : Promise.resolve(this.answer);
  };
}

function set(server = 'https://api.east.example:6443') {
  const [clock, resolver] = [new VirtualClock(), new Resolver()];
  const addresses = new APIServerAddresses({ server, clock, lookUp: resolver.lookUp });
  /** What is known when there was time for an answer. */
  const known = async (): Promise<readonly string[]> => {
    void addresses.known;
    await new Promise(setImmediate);
    return addresses.known;
  };
  return { clock, resolver, addresses, known };
}

test('a name that nobody knew at the start is known as soon as somebody does, after a minute at most', async () => {
  const { clock, resolver, addresses, known } = set();
  await addresses.ask();
  expect(await known()).toEqual([]);
  resolver.answer = ['192.0.2.1', 'fd00:0::1'];
  clock.jump(59_999);
  expect(await known()).toEqual([]);
  clock.jump(1);
  expect(await known()).toEqual(['192.0.2.1', 'fd00::1']);
  expect(resolver.asked).toEqual(['api.east.example', 'api.east.example']);
});

test.each([
  { row: 'fails', answer: undefined },
  { row: 'is empty', answer: [] },
])('what was known stays while the answer $row, and goes with another', async ({ answer }) => {
  const { clock, resolver, known } = set();
  resolver.answer = ['192.0.2.1'];
  expect(await known()).toEqual(['192.0.2.1']);
  resolver.answer = answer;
  clock.jump(60_000);
  expect(await known()).toEqual(['192.0.2.1']);
  resolver.answer = ['192.0.2.2'];
  clock.jump(60_000);
  expect(await known()).toEqual(['192.0.2.2']);
});

test('an address in a URL is asked for without its brackets', async () => {
  const { resolver, addresses } = set('https://[fd00::1]:6443');
  await addresses.ask();
  expect(resolver.asked).toEqual(['fd00::1']);
});
