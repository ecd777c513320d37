import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Step } from '../operate/step.ts';
import { systemClock } from '../ops/clock.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { oneLine } from '../terminal/visible.ts';
import type { Terminal } from './terminal.ts';

/** Milliseconds. */
const REDRAW = 100;
const RETELL = 5_000;

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const;

interface Running {
  readonly title: string;
  readonly since: number;
  detail: string;
  /** The detail that was last told, where lines cannot be drawn again. */
  told: string;
}

type Surroundings = Pick<Terminal, 'environment' | 'progress' | 'isTerminal' | 'columns'>;

/**
 * Does work whose steps are shown while they run: on a terminal as lines that are drawn again in place, elsewhere as
 * one line for every finished step, and one at most every five seconds for a detail that has changed. Steps may run
 * side by side.
 */
export async function withProgress<Value>(
  terminal: Surroundings,
  work: (step: Step) => Promise<Value>,
  clock: Clock = systemClock,
): Promise<Value> {
  const display = new Display(terminal, clock);
  try {
    return await work((title, inner) => display.step(title, inner));
  } finally {
    display.end();
  }
}

class Display {
  readonly #terminal: Surroundings;
  readonly #clock: Clock;
  readonly #live: boolean;
  readonly #style: Style;
  readonly #running = new Set<Running>();
  /** How many lines of running steps stand on the screen, above the cursor. */
  #drawn = 0;
  #frame = 0;
  #stop: (() => void) | undefined;
  #ended = false;

  constructor(terminal: Surroundings, clock: Clock) {
    const { environment, isTerminal } = terminal;
    this.#terminal = terminal;
    this.#clock = clock;
    this.#live = isTerminal.progress && environment['TERM'] !== 'dumb';
    this.#style = styleFor(isTerminal.progress, environment);
  }

  async step<Value>(title: string, work: (detail: (text: string) => void) => Promise<Value>): Promise<Value> {
    const one: Running = { title, since: this.#clock.now(), detail: '', told: '' };
    this.#running.add(one);
    this.#draw('');
    this.#stop ??= this.#tickLater();
    const { good, bad, faint } = this.#style;
    const finished = (mark: string, more = '') => {
      this.#running.delete(one);
      this.#draw(`${mark} ${title} ${faint(`(${this.#seconds(one)} s)`)}${more}\n`);
    };
    try {
      const value = await work(text => {
        one.detail = oneLine(text);
      });
      finished(good('✓'));
      return value;
    } catch (thrown) {
      finished(bad('✗'), `: ${oneLine(messageOf(thrown))}`);
      throw thrown;
    }
  }

  /** Leaves what is drawn as it is. */
  end(): void {
    this.#ended = true;
    this.#stop?.();
  }

  #tickLater(): () => void {
    return this.#clock.after(this.#live ? REDRAW : RETELL, () => {
      this.#frame++;
      if (this.#live) this.#draw('');
      else this.#tell();
      this.#stop = this.#running.size === 0 ? undefined : this.#tickLater();
    });
  }

  /** In one write, so that no half of it is seen: what is finished stays for good, what runs is drawn anew below. */
  #draw(finished: string): void {
    if (this.#ended) return;
    if (!this.#live) {
      if (finished !== '') this.#terminal.progress(finished);
      return;
    }
    const back = this.#drawn === 0 ? '' : `\u001b[${this.#drawn}A\r\u001b[J`;
    const lines = [...this.#running].map(one => `${this.#line(one)}\n`);
    this.#drawn = lines.length;
    this.#terminal.progress(back + finished + lines.join(''));
  }

  /** Never as long as the terminal is wide: a line that wraps would be two to go back over. */
  #line(one: Running): string {
    const room = this.#terminal.columns - 3;
    const title = cut(one.title, room);
    const rest = cut(` ${this.#seconds(one)} s  ${one.detail}`.trimEnd(), room - [...title].length);
    return `${FRAMES[this.#frame % FRAMES.length]} ${title}${this.#style.faint(rest)}`;
  }

  #tell(): void {
    for (const one of this.#running) {
      if (one.detail === one.told) continue;
      one.told = one.detail;
      this.#terminal.progress(`… ${one.title}: ${one.detail}\n`);
    }
  }

  #seconds({ since }: Running): string {
    return ((this.#clock.now() - since) / 1_000).toFixed(1);
  }
}

function cut(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  return width <= 0 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}
