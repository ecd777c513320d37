import { readFileSync } from 'node:fs';
import type { Outcome } from '../../../src/kernel/commands.ts';
import type { FakeNetwork } from './fake-network.ts';

interface Spoken {
  readonly name: string;
  readonly neighbor: string;
  readonly accepts: readonly string[];
}

/** BIRD and its client as values: its neighbors are all there, and tell of every block that is accepted of them. */
export class FakeBird {
  /** How often it was started, and given another configuration. */
  starts = 0;
  configurations = 0;
  /** Whether it was started to recover what one before has left. */
  recovers = false;
  /** What it runs by. Undefined: it does not run. */
  text: string | undefined;
  readonly #network: FakeNetwork;
  #file = '';

  constructor(network: FakeNetwork) {
    this.#network = network;
  }

  /** Dies. Its routes stay. */
  crash(): void {
    this.text = undefined;
  }

  start(args: readonly string[]): Outcome {
    if (this.text !== undefined) return failure('bird: I found another BIRD running.');
    this.starts++;
    this.recovers = args.includes('-R');
    this.#file = args[args.indexOf('-c') + 1] ?? '';
    this.#load();
    return success('');
  }

  ask([, , verb, ...words]: readonly string[]): Outcome {
    if (this.text === undefined)
      return failure('Unable to connect to server control socket (bird.ctl): Connection refused');
    const greeting = 'BIRD 2.0.12 ready.\n';
    if (verb === 'eval') return success(`${greeting}${constant(this.text, words[0] ?? '')}\n`);
    if (verb === 'show') return success(`${greeting}${spokenOf(this.text).map(printed).join('\n')}`);
    if (verb === 'down') {
      this.text = undefined;
      return success(`${greeting}Shutdown requested\n`);
    }
    this.configurations++;
    this.#load();
    return success(`${greeting}Reading configuration from ${this.#file}\nReconfigured\n`);
  }

  /** Takes its configuration, and puts what it learns into its table in place of what it had there. */
  #load(): void {
    this.text = readFileSync(this.#file, 'utf8');
    const table = Number(/kernel table (\d+)/.exec(this.text)?.[1]);
    const network = this.#network;
    network.routes = network.routes.filter(route => route.table !== table || route.protocol !== '12');
    for (const { neighbor, accepts } of spokenOf(this.text)) {
      for (const dst of accepts) {
        const family = dst.includes(':') ? '-6' : '-4';
        const way = { via: neighbor, dev: 'eth0', type: 'unicast', protocol: '12', metric: 32 };
        network.routes.push({ ...way, family, table, dst });
      }
    }
  }
}

function spokenOf(text: string): Spoken[] {
  return Array.from(text.matchAll(/^protocol bgp (\w+) \{\n(.*?)^\}/gms), ([, name = '', body = '']) => ({
    name,
    neighbor: /neighbor (\S+)/.exec(body)?.[1] ?? '',
    accepts: Array.from(body.matchAll(/^\s+([0-9a-f.:]+\/\d+),?$/gm), ([, block = '']) => block),
  }));
}

function printed({ name, neighbor, accepts }: Spoken): string {
  return `${name} BGP        ---        up     04:34:17.759  Established   
  BGP state:          Established
    Neighbor address: ${neighbor}
  Channel ipv4
    Routes:         ${accepts.length} imported, 1 exported, ${accepts.length} preferred
`;
}

function constant(text: string, name: string): string {
  return new RegExp(`define ${name} = "([^"]*)"`).exec(text)?.[1] ?? '';
}

function success(output: string): Outcome {
  return { code: 0, output, errors: '' };
}

function failure(errors: string): Outcome {
  return { code: 1, output: '', errors };
}
