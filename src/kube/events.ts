import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { TokenBucket } from '../base/token-bucket.ts';
import { systemClock } from '../ops/clock.ts';
import type { Logger } from '../ops/log.ts';
import type { ApiClient } from './client.ts';
import { microTime } from './micro-time.ts';
import { apiVersionOf, RESOURCES } from './resource.ts';

export interface EventRecorderOptions {
  readonly client: Pick<ApiClient, 'create'>;
  /** Which of all controllers reports: the host's name. */
  readonly instance: string;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Milliseconds since the epoch. */
  readonly wall?: () => number;
}

/** The object that an event is about. */
export interface EventSubject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent: the object belongs to no namespace. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

export type EventType = 'Normal' | 'Warning';

const CONTROLLER = 'causeway.dev/controller';
/** What the API server allows, in octets (validation of events.k8s.io/v1). */
const LONGEST_NOTE = 1024;
const LONGEST_WORD = 128;

/** The same again within this time, in milliseconds, tells nobody anything. */
const NEWS_AFTER = 600_000;

const PER_SECOND = 5;
const BURST = 25;

/**
 * Tells people about objects by Events. Nothing waits for them and nothing depends on them: what is too much, or what
 * the API server does not take, is counted and dropped.
 */
export class EventRecorder {
  readonly #options: Required<EventRecorderOptions>;
  readonly #bucket: TokenBucket;
  /** When each was sent. As many as the rate lets through until they are forgotten. */
  readonly #sent = new Map<string, number>();
  /** Events by what became of them; `repeated` are those that had been told already. */
  readonly counts = { sent: 0, repeated: 0, dropped: 0, failed: 0 };

  constructor(options: EventRecorderOptions) {
    this.#options = { clock: systemClock, wall: Date.now, ...options };
    this.#bucket = new TokenBucket(PER_SECOND, BURST, this.#options.clock.now());
  }

  /**
   * @param reason UpperCamelCase
   * @param message what was found and what to do; cut where it is longer than an Event may be
   */
  emit(about: EventSubject, type: EventType, reason: string, message: string): void {
    const now = this.#options.clock.now();
    const note = clipped(message, LONGEST_NOTE);
    const { apiVersion, kind, namespace = '', name } = about;
    const key = JSON.stringify([apiVersion, kind, namespace, name, reason, note]);
    this.#forget(now);
    if (this.#sent.has(key)) this.counts.repeated++;
    else if (!this.#bucket.take(now)) this.counts.dropped++;
    else {
      this.#sent.set(key, now);
      void this.#send(key, about, { type, reason: clipped(reason, LONGEST_WORD), note });
    }
  }

  /** What was sent long ago may be told again. They stand in the order in which they were sent. */
  #forget(now: number): void {
    for (const [key, sentAt] of this.#sent) {
      if (now - sentAt < NEWS_AFTER) return;
      this.#sent.delete(key);
    }
  }

  async #send(
    key: string,
    about: EventSubject,
    said: { readonly type: EventType; readonly reason: string; readonly note: string },
  ): Promise<void> {
    const { client, instance, wall, log } = this.#options;
    // An event about an object without a namespace has to lie in this one.
    const place = { namespace: about.namespace ?? 'default', name: `causeway-${randomUUID()}` };
    const manifest = {
      apiVersion: apiVersionOf(RESOURCES.events),
      kind: RESOURCES.events.kind,
      metadata: place,
      eventTime: microTime(wall()),
      reportingController: CONTROLLER,
      reportingInstance: clipped(instance, LONGEST_WORD),
      action: 'Reconcile',
      regarding: about,
      ...said,
    };
    try {
      await client.create(RESOURCES.events, place, manifest);
      this.counts.sent++;
    } catch (fault) {
      this.counts.failed++;
      this.#sent.delete(key);
      log.debug({ err: fault, about, reason: said.reason }, 'an event could not be written');
    }
  }
}

/** As much of a text as so many octets of UTF-8 hold, without half a character at its end. */
function clipped(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const mark = '…';
  const octets = Buffer.from(text).subarray(0, most - Buffer.byteLength(mark));
  // A character that was cut in two decodes to the replacement character.
  return octets.toString('utf8').replace(/\uFFFD+$/, '') + mark;
}
