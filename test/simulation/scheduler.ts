interface Event {
  readonly at: number;
  /** Breaks ties, so that one seed is one history. */
  readonly order: number;
  readonly run: () => void;
}

/**
 * Virtual time. Events run one at a time, in the order of their times, and each is followed through to the last promise
 * that can go on; nothing here waits for real time.
 */
export class Scheduler {
  #now: number;
  #orders = 0;
  #events = 0;
  /** A binary heap: the next event is at 0. */
  readonly #heap: Event[] = [];

  /** @param start epoch milliseconds */
  constructor(start = Date.parse('2026-03-01T12:00:00Z')) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  at(time: number, run: () => void): void {
    const event = { at: Math.max(this.#now, Math.ceil(time)), order: (this.#orders += 1), run };
    let place = this.#heap.push(event) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(this.#heap[parent]!, event)) break;
      this.#heap[place] = this.#heap[parent]!;
      place = parent;
    }
    this.#heap[place] = event;
  }

  after(ms: number, run: () => void): void {
    this.at(this.#now + ms, run);
  }

  pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Runs what is due until then, or until it is told to stop. */
  async runUntil(end: number, stop: () => boolean): Promise<void> {
    for (;;) {
      if (stop()) return;
      const next = this.#heap[0];
      if (next === undefined || next.at > end) break;
      this.#take();
      this.#now = next.at;
      next.run();
      await settled();
      this.#events += 1;
      if (this.#events % 5000 === 0) await breath();
    }
    this.#now = Math.max(this.#now, end);
  }

  #take(): void {
    const last = this.#heap.pop()!;
    const length = this.#heap.length;
    if (length === 0) return;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= length) break;
      const right = left + 1;
      const child = right < length && isBefore(this.#heap[right]!, this.#heap[left]!) ? right : left;
      if (isBefore(last, this.#heap[child]!)) break;
      this.#heap[place] = this.#heap[child]!;
      place = child;
    }
    this.#heap[place] = last;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Every promise that can go on has gone on: Node empties its queue of promises before the next tick. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

/** Lets the rest of the process have its turn. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
