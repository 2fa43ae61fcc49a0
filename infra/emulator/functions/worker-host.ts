import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';

import type { FunctionError, InvokeRequest, WorkerData, WorkerMessage } from './worker-protocol.ts';

/**
 * Runs in the worker: loads one function as Lambda's runtime does, and calls its handler once for each request. Types
 * only are imported from the rest of the runner, so that a function finds nothing here that it has not in AWS.
 */

type Handler = (event: unknown, context: unknown) => unknown;

const port = parentPort;
if (port === null) throw new Error('worker-host.ts runs in a worker');
const say = (message: WorkerMessage): void => {
  port.postMessage(message);
};

try {
  const { file, handler: name }: WorkerData = workerData as WorkerData;
  const handler = handlerIn((await import(pathToFileURL(file).href)) as Record<string, unknown>, name);
  port.on('message', (request: InvokeRequest) => {
    void invoke(handler, request).then(say);
  });
  say({ kind: 'ready' });
} catch (error) {
  await flushed();
  say({ kind: 'unusable', error: describe(error) });
}

/** A CommonJS bundle shows its exports under `default`. */
function handlerIn(module: Record<string, unknown>, name: string): Handler {
  const inner = module['default'];
  const handler: unknown =
    module[name] ?? (typeof inner === 'object' && inner !== null ? Reflect.get(inner, name) : undefined);
  if (typeof handler !== 'function') throw new Error(`the bundle exports no function ${name}`);
  return handler as Handler;
}

async function invoke(
  handler: Handler,
  { id, event, context, deadline }: InvokeRequest,
): Promise<WorkerMessage> {
  let message: WorkerMessage;
  try {
    const result: unknown = await handler(JSON.parse(event), {
      ...context,
      functionVersion: '$LATEST',
      callbackWaitsForEmptyEventLoop: true,
      getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    });
    message = { kind: 'returned', id, value: JSON.stringify(result) };
  } catch (error) {
    message = { kind: 'threw', id, error: describe(error) };
  }
  await flushed();
  return message;
}

/** A message overtakes what was written to stdout before it, unless that has been waited for. */
async function flushed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      stream.write('', () => {
        resolve();
      });
    });
  }
}

function describe(error: unknown): FunctionError {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: 'Error', message: String(error) };
}
