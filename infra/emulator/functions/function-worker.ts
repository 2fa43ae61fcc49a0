import { finished } from 'node:stream/promises';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

import { Lines } from './lines.ts';
import type {
  FunctionError,
  InvocationContext,
  InvokeRequest,
  WorkerData,
  WorkerMessage,
} from './worker-protocol.ts';

export interface WorkerSettings {
  /** Absolute path of the module, and the name that it exports the handler under. */
  readonly file: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  /** Each line that the function writes to stdout or stderr. */
  readonly onLine: (line: string) => void;
}

/** `failed` is what Lambda counts as an error of the function; the reason is one sentence. */
export type Invocation =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Lambda gives an import 10 s on a machine of its own; here all functions start at once on whatever the laptop has left.
 */
const startLimitMs = 30_000;

/** Beside this file, and of its ending: it is another one once both are compiled. */
const workerHost = new URL(`./worker-host${extname(import.meta.filename)}`, import.meta.url);

/** One execution environment: one bundle in one worker, one invocation at a time. A crash or a time-out ends it. */
export class FunctionWorker {
  readonly #settings: WorkerSettings;
  readonly #worker: Worker;
  readonly #lines: readonly Lines[];
  /** After it, not one more line comes. */
  readonly #silent: Promise<unknown>;
  readonly #loaded: Promise<void>;
  #settle:
    ((message: WorkerMessage | { readonly kind: 'ended'; readonly reason: string }) => void) | undefined;
  #endReason: string | undefined;
  #nextId = 1;

  constructor(settings: WorkerSettings) {
    this.#settings = settings;
    const data: WorkerData = { file: settings.file, handler: settings.handler };
    this.#worker = new Worker(workerHost, {
      workerData: data,
      env: { ...settings.environment },
      // The runner's own flags (a test runner's, a debugger's) are no business of the function.
      execArgv: [],
      stdout: true,
      stderr: true,
      // Counts the heap only, not buffers: a little milder than Lambda.
      resourceLimits: { maxOldGenerationSizeMb: settings.memoryMb },
    });
    this.#lines = [this.#worker.stdout, this.#worker.stderr].map((stream) => {
      const lines = new Lines(settings.onLine);
      stream.on('data', (chunk: Buffer) => {
        lines.push(chunk);
      });
      return lines;
    });
    this.#worker.on('message', (message: WorkerMessage) => {
      if (message.kind !== 'unusable') {
        this.#settle?.(message);
        return;
      }
      // At once: the end of the worker may be told in the same breath, and says less.
      this.#end(`it could not be loaded: ${errorText(message.error)}`);
      void this.#worker.terminate();
    });
    this.#worker.on('error', (error: unknown) => {
      this.#end(crashReason(error, settings.memoryMb));
    });
    const exited = new Promise<void>((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#end(`its process exited with ${String(code)}`);
        resolve();
      });
    });
    const streams = [this.#worker.stdout, this.#worker.stderr];
    this.#silent = Promise.allSettled([exited, ...streams.map((stream) => finished(stream))]).then(() => {
      for (const lines of this.#lines) lines.end();
    });
    this.#loaded = this.#load();
  }

  /** Whether it can take another invocation. */
  get isAlive(): boolean {
    return this.#endReason === undefined;
  }

  async invoke(event: unknown, context: InvocationContext): Promise<Invocation> {
    await this.#loaded;
    if (this.#endReason !== undefined) return { kind: 'failed', reason: this.#endReason };
    const { timeoutMs } = this.#settings;
    const request: InvokeRequest = {
      id: this.#nextId++,
      event: JSON.stringify(event),
      context,
      deadline: Date.now() + timeoutMs,
    };
    const answer = this.#answer(timeoutMs, `it timed out after ${String(timeoutMs / 1000)} seconds`);
    this.#worker.postMessage(request);
    const message = await answer;
    switch (message.kind) {
      case 'returned':
        return { kind: 'returned', value: message.value === undefined ? null : JSON.parse(message.value) };
      case 'threw':
        return { kind: 'failed', reason: errorText(message.error) };
      case 'ended':
        return { kind: 'failed', reason: message.reason };
      case 'ready':
      case 'unusable':
        throw new Error(`The worker said ${message.kind} out of turn`);
    }
  }

  async close(): Promise<void> {
    this.#end('the runner ended it');
    await this.#worker.terminate();
    await this.#silent;
  }

  async #load(): Promise<void> {
    const message = await this.#answer(startLimitMs, 'it could not be loaded in time');
    if (message.kind === 'ready' || message.kind === 'ended') return;
    this.#end(`the worker said ${message.kind} out of turn`);
    await this.#worker.terminate();
  }

  /** The next word of the worker; its end counts as one, and so does a time-out, which ends it. */
  async #answer(limitMs: number, onTimeout: string) {
    const { promise, resolve } = Promise.withResolvers<
      WorkerMessage | { readonly kind: 'ended'; readonly reason: string }
    >();
    this.#settle = resolve;
    const timer = setTimeout(() => {
      this.#end(onTimeout);
      void this.#worker.terminate();
    }, limitMs);
    try {
      const message = await promise;
      // What it wrote before it ended is still on its way.
      if (message.kind === 'ended') await this.#silent;
      return message;
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  #end(reason: string): void {
    this.#endReason ??= reason;
    this.#settle?.({ kind: 'ended', reason: this.#endReason });
  }
}

function errorText({ name, message }: FunctionError): string {
  return `${name}: ${message}`;
}

function crashReason(error: unknown, memoryMb: number): string {
  if (!(error instanceof Error)) return `it crashed: ${String(error)}`;
  if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return `it ran out of memory (${String(memoryMb)} MB)`;
  }
  return `it crashed: ${errorText(error)}`;
}
