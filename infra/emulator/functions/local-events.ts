import { matchesPattern } from '../alarms/event-pattern.ts';
import type { BusEvent } from '../embedded/embedded-events.ts';
import type { EventRuleModel } from '../template/template-model.ts';
import { invokeAsynchronously, type AsynchronousOptions } from './asynchronously.ts';

export interface LocalEventsOptions extends Omit<AsynchronousOptions, 'signal'> {
  readonly rules: readonly EventRuleModel[];
  readonly onError: (error: unknown) => void;
}

/** Delivers the events of the bus to those of the template's functions whose rules they match. */
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
        const delivery = answered
          .then(() => this.#deliver(functionName, event))
          .catch(this.#options.onError)
          .finally(() => this.#deliveries.delete(delivery));
        this.#deliveries.add(delivery);
      }
    }
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

  #deliver(functionName: string, event: BusEvent): Promise<void> {
    return invokeAsynchronously(functionName, event, { ...this.#options, signal: this.#end.signal });
  }
}
