import { FunctionWorker, type Invocation, type WorkerSettings } from './function-worker.ts';
import type { InvocationContext } from './worker-protocol.ts';

/** More at once buy nothing: the database and the queues are in one thread with the runner. */
const maxWorkers = 3;
/** A warm page takes about 20 ms, a new worker 200: only who has waited for long enough gets one. */
const patienceMs = 100;
/** Memory is given back (about 30 MB) when nobody has called for so long. */
const idleMs = 15_000;

interface Pending {
  readonly event: unknown;
  readonly context: InvocationContext;
  readonly settle: (invocation: Invocation) => void;
  readonly since: number;
}

/** The execution environments of one function: started when they are needed, replaced when they die. */
export class FunctionPool {
  readonly #settings: WorkerSettings;
  readonly #idle: FunctionWorker[] = [];
  readonly #busy = new Set<FunctionWorker>();
  readonly #waiting: Pending[] = [];
  readonly #idleTimers = new Map<FunctionWorker, NodeJS.Timeout>();
  #patience: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
  }

  invoke(event: unknown, context: InvocationContext): Promise<Invocation> {
    if (this.#closed) return Promise.resolve({ kind: 'failed', reason: 'the runner is closing' });
    return new Promise((settle) => {
      this.#waiting.push({ event, context, settle, since: Date.now() });
      this.#serve();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#patience);
    for (const { settle } of this.#waiting.splice(0))
      settle({ kind: 'failed', reason: 'the runner is closing' });
    for (const timer of this.#idleTimers.values()) clearTimeout(timer);
    await Promise.all([...this.#idle.splice(0), ...this.#busy].map((worker) => worker.close()));
  }

  #serve(): void {
    for (let worker = this.#free(); worker !== undefined; worker = this.#free()) {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#rest(worker);
        break;
      }
      void this.#run(worker, next);
    }
    this.#watchPatience();
  }

  #free(): FunctionWorker | undefined {
    if (this.#closed || this.#waiting.length === 0) return undefined;
    for (let worker = this.#idle.pop(); worker !== undefined; worker = this.#idle.pop()) {
      clearTimeout(this.#idleTimers.get(worker));
      this.#idleTimers.delete(worker);
      if (worker.isAlive) return worker;
    }
    const [first] = this.#waiting;
    const mayGrow = this.#busy.size === 0 || (first !== undefined && Date.now() - first.since >= patienceMs);
    return mayGrow && this.#busy.size < maxWorkers ? new FunctionWorker(this.#settings) : undefined;
  }

  async #run(worker: FunctionWorker, { event, context, settle }: Pending): Promise<void> {
    this.#busy.add(worker);
    const invocation = await worker.invoke(event, context);
    this.#busy.delete(worker);
    if (worker.isAlive && !this.#closed) this.#rest(worker);
    settle(invocation);
    this.#serve();
  }

  #rest(worker: FunctionWorker): void {
    this.#idle.push(worker);
    const timer = setTimeout(() => {
      this.#idleTimers.delete(worker);
      this.#idle.splice(this.#idle.indexOf(worker), 1);
      void worker.close();
    }, idleMs);
    this.#idleTimers.set(worker, timer.unref());
  }

  #watchPatience(): void {
    clearTimeout(this.#patience);
    if (this.#closed || this.#waiting.length === 0 || this.#busy.size >= maxWorkers) return;
    this.#patience = setTimeout(() => {
      this.#serve();
    }, patienceMs);
  }
}
