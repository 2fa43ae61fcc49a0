import type { PageMessage } from '../../../lib/sync/message.ts';
import type { Clock, PageQueue } from '../../../lib/sync/ports.ts';
import { maxReceiveCount } from '../../../lib/sync/redrive.ts';

interface Queued {
  readonly message: PageMessage;
  readonly visibleAt: number;
  readonly receiveCount: number;
  readonly receiptHandle: string;
}

export interface Received {
  readonly message: PageMessage;
  /** Good until the next receive of the same message. */
  readonly receiptHandle: string;
  /** 1 at the first receive. */
  readonly receiveCount: number;
}

/** A queue on a clock: messages are delayed, received, invisible and back again as time goes on. */
export class FakePageQueue implements PageQueue {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #visibilityMs: number;
  #messages: readonly Queued[] = [];
  #handles = 0;
  readonly #deadLetters: PageMessage[] = [];

  constructor(clock: Pick<Clock, 'now'>, visibilityMs = 180_000) {
    this.#clock = clock;
    this.#visibilityMs = visibilityMs;
  }

  async send(message: PageMessage, delaySeconds: number): Promise<void> {
    const delay = Math.min(900, Math.max(0, Math.ceil(delaySeconds)));
    const visibleAt = this.#clock.now() + delay * 1000;
    this.#messages = [
      ...this.#messages,
      { message: structuredClone(message), visibleAt, receiveCount: 0, receiptHandle: '' },
    ];
  }

  async defer(receiptHandle: string, seconds: number): Promise<void> {
    const now = this.#clock.now();
    const held = this.#messages.find((queued) => queued.receiptHandle === receiptHandle);
    if (held === undefined || held.visibleAt <= now) throw new Error('The message is not in flight');
    const wait = Math.min(39_600, Math.max(0, Math.ceil(seconds)));
    this.#replace(held, { ...held, visibleAt: now + wait * 1000 });
  }

  /**
   * The next visible message, which is then in flight for the visibility time-out.
   * @param choose which of so many visible ones: a standard queue keeps no order.
   */
  receive(choose: (count: number) => number = () => 0): Received | undefined {
    const now = this.#clock.now();
    const dead = this.#messages.filter(
      ({ visibleAt, receiveCount }) => visibleAt <= now && receiveCount >= maxReceiveCount,
    );
    this.#deadLetters.push(...dead.map(({ message }) => message));
    this.#messages = this.#messages.filter((queued) => !dead.includes(queued));
    const visible = this.#messages.filter(({ visibleAt }) => visibleAt <= now);
    const found = visible[choose(visible.length)];
    if (found === undefined) return undefined;
    const received = {
      ...found,
      visibleAt: now + this.#visibilityMs,
      receiveCount: found.receiveCount + 1,
      receiptHandle: `receipt-${++this.#handles}`,
    };
    this.#replace(found, received);
    const { message, receiptHandle, receiveCount } = received;
    return { message, receiptHandle, receiveCount };
  }

  delete(receiptHandle: string): void {
    this.#messages = this.#messages.filter((queued) => queued.receiptHandle !== receiptHandle);
  }

  /** Everything in the queue, visible or not, with the time from which it can be received. */
  get contents(): readonly { readonly message: PageMessage; readonly visibleAt: number }[] {
    return this.#messages.map(({ message, visibleAt }) => ({ message, visibleAt }));
  }

  /** What was received too often. */
  get deadLetters(): readonly PageMessage[] {
    return this.#deadLetters;
  }

  #replace(before: Queued, after: Queued): void {
    this.#messages = this.#messages.map((queued) => (queued === before ? after : queued));
  }
}
