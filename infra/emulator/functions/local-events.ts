import { matchesPattern } from './event-pattern.ts';
import type { BusEvent } from '../embedded/embedded-events.ts';
import type { RuleModel } from '../template/template-model.ts';
import { invokeAsynchronously, type AsynchronousOptions } from './asynchronously.ts';

export interface LocalEventsOptions extends Omit<AsynchronousOptions, 'signal'> {
  readonly rules: readonly RuleModel[];
  readonly onError: (error: unknown) => void;
}

/** Delivers events to functions that nobody waits for: those of the bus by the template's rules, those of alarms by name. */
export class LocalEvents {
  readonly #options: LocalEventsOptions;
  readonly #end = new AbortController();
  readonly #deliveries = new Set<Promise<void>>();

  constructor(options: LocalEventsOptions) {
    this.#options = options;
  }

  /** Deliveries that have not ended, those that wait to be repeated among them. */
  get inFlight(): number {
    return this.#deliveries.size;
  }

  /** @param answered when whoever has sent them knows: nobody is told before */
  take(events: readonly BusEvent[], answered: Promise<void>): void {
    for (const event of events) {
      for (const functionName of this.#functionsFor(event)) {
        this.deliver(functionName, event, answered);
      }
    }
  }

  /** @param after when it may begin */
  deliver(functionName: string, event: unknown, after: Promise<void> = Promise.resolve()): void {
    const options = { ...this.#options, signal: this.#end.signal };
    const delivery = after
      .then(() => invokeAsynchronously(functionName, event, options))
      .catch(this.#options.onError)
      .finally(() => this.#deliveries.delete(delivery));
    this.#deliveries.add(delivery);
  }

  /** Nothing is repeated, and nothing delivered any more; what has been begun goes on. */
  stop(): void {
    this.#end.abort();
  }

  /** After it no delivery is under way. */
  async ended(): Promise<void> {
    await Promise.all(this.#deliveries);
  }

  #functionsFor(event: BusEvent): readonly string[] {
    return this.#options.rules
      .filter(({ pattern }) => matchesPattern(pattern, event))
      .flatMap(({ functionNames }) => functionNames);
  }
}
