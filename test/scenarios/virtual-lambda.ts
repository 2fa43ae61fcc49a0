import { functionArn } from '../../infra/emulator/template/local-account.ts';
import type { Clock } from '../../lib/sync/ports.ts';
import type { TellerModel } from './deployment.ts';

export type Work = (signal: AbortSignal) => Promise<void>;

export type Count = 'Invocations' | 'Errors' | 'Throttles' | 'AsyncEventsDropped';

export interface VirtualLambdaOptions {
  readonly fn: TellerModel;
  readonly clock: Clock;
  /** What Lambda measures. */
  readonly count: (name: Count) => void;
  /** Told of an event that is given up, where the function has such a destination. */
  readonly onFailure: (topicArn: string, record: string) => void;
}

const secondMs = 1000;
/** "One minute, and two minutes". */
const retryDelaysMs = [60_000, 120_000];
/** While it is throttled an event is shown again after pauses that double up to this. */
const maxThrottledMs = 300_000;

const never = new AbortController().signal;

/** Runs the work of one function as Lambda does, under virtual time. */
export class VirtualLambda {
  /** It crashes before it does anything. */
  crashes = false;
  /** Nothing is left of the account's concurrency. */
  isThrottled = false;
  readonly #options: VirtualLambdaOptions;

  constructor(options: VirtualLambdaOptions) {
    this.#options = options;
  }

  async invoke(work: Work): Promise<'done' | 'failed' | 'throttled'> {
    const { fn, clock, count } = this.#options;
    if (this.isThrottled) {
      count('Throttles');
      return 'throttled';
    }
    count('Invocations');
    const life = new AbortController();
    const end = clock.sleep(fn.timeoutMs, life.signal).then(() => {
      throw new Error('Task timed out');
    });
    try {
      if (this.crashes) throw new Error('It crashes');
      await Promise.race([work(life.signal), end]);
      return 'done';
    } catch {
      count('Errors');
      return 'failed';
    } finally {
      end.catch(() => undefined);
      life.abort(new Error('The invocation is over'));
    }
  }

  /** For who does not wait for an answer: it is tried again, and given up in the end. */
  async invokeAsynchronously(event: unknown, work: Work): Promise<void> {
    const { fn, clock } = this.#options;
    const { maximumAgeSeconds, retries } = fn.asynchronous;
    const takenAt = clock.now();
    let failures = 0;
    for (let throttles = 0; ;) {
      if (clock.now() - takenAt > maximumAgeSeconds * secondMs) {
        this.#giveUp(event, 'EventAgeExceeded');
        return;
      }
      const outcome = await this.invoke(work);
      if (outcome === 'done') return;
      if (outcome === 'throttled') {
        await clock.sleep(Math.min(maxThrottledMs, secondMs * 2 ** throttles), never);
        throttles += 1;
      } else if (failures === retries) {
        this.#giveUp(event, 'RetriesExhausted');
        return;
      } else {
        await clock.sleep(retryDelaysMs[failures] ?? 0, never);
        failures += 1;
      }
    }
  }

  #giveUp(requestPayload: unknown, condition: 'EventAgeExceeded' | 'RetriesExhausted'): void {
    const { fn, clock, count, onFailure } = this.#options;
    count('AsyncEventsDropped');
    const destination = fn.asynchronous.onFailure;
    if (destination === null || !('topicArn' in destination)) return;
    const record = {
      version: '1.0',
      timestamp: new Date(clock.now()).toISOString(),
      requestContext: { functionArn: `${functionArn(fn.name)}:$LATEST`, condition },
      requestPayload,
    };
    onFailure(destination.topicArn, JSON.stringify(record));
  }
}
