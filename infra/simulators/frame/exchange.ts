import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from './answer.ts';
import { faultFor, nameOfFault, type Fault, type FaultPlan } from './fault-plan.ts';
import { fromJson, isJsonObject, toJson } from './json.ts';
import type { RequestLog } from './request-log.ts';
import type { Answer, Vendor } from './vendor.ts';

const maxBodyLength = 1_000_000;

export interface ExchangeState {
  readonly vendor: Vendor;
  readonly log: RequestLog;
  readonly clock: () => number;
  readonly accepted: () => Readonly<Record<string, string>>;
  readonly faults: () => FaultPlan;
}

/** Takes one request through faults and vendor to its answer. Resolves when it is over, one way or the other. */
export async function answerWith(
  { vendor, log, clock, accepted, faults }: ExchangeState,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  closing: AbortSignal,
): Promise<void> {
  // A write to a connection that has just gone is an error event; what it means is in the log already.
  outgoing.on('error', () => undefined);
  const target = incoming.url?.startsWith('/') ? incoming.url : '/';
  const url = new URL(`http://127.0.0.1${target}`);
  const below = url.pathname.startsWith(`${vendor.basePath}/`);
  const path = below ? url.pathname.slice(vendor.basePath.length) : url.pathname;
  const method = incoming.method ?? 'GET';
  const contentType = incoming.headers['content-type'] ?? null;
  const { entry, count } = log.open({
    method,
    path,
    query: withoutSecrets(url.searchParams, accepted()),
    contentType,
  });
  const fault = faultFor(faults(), path, count);
  entry.fault = fault && nameOfFault(fault);

  const body = await readBody(incoming);
  entry.body = body ?? '';
  if (fault?.kind === 'slow' && body !== null) await sleepUnless(closing, outgoing, fault.milliseconds);
  const isDropped = fault?.kind === 'drop' && fault.when === 'before-answer';
  if (body === null || isDropped || incoming.socket.destroyed) {
    log.end(entry, null);
    outgoing.destroy();
    return;
  }

  const own = (): Answer => {
    if (!below) return vendor.elsewhere();
    if (body.length > maxBodyLength) return text(413, 'Payload Too Large');
    const { headers } = incoming;
    const remoteAddress = incoming.socket.remoteAddress ?? '';
    const request = { method, path, query: url.searchParams, headers, body, remoteAddress };
    return vendor.answer(request, accepted(), clock());
  };
  const answer = fault ? struck(fault, own, clock()) : own();
  const isCut = fault?.kind === 'drop';
  // Before the answer goes out: a client that asks again at once must not look like two requests at a time.
  log.end(entry, isCut ? null : answer.status);
  send(outgoing, answer, clock(), isCut);
}

/** A key may travel in the query, and is kept in no log. */
function withoutSecrets(
  query: URLSearchParams,
  accepted: Readonly<Record<string, string>>,
): Record<string, string> {
  const secrets = new Set(Object.values(accepted));
  return Object.fromEntries([...query].map(([name, value]) => [name, secrets.has(value) ? '…' : value]));
}

async function sleepUnless(
  closing: AbortSignal,
  outgoing: ServerResponse,
  milliseconds: number,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    gone.abort();
  });
  const signal = AbortSignal.any([closing, gone.signal]);
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}

/** Null if the client went away before the end of it. */
async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(chunks).toString();
}

function struck(fault: Fault, own: () => Answer, now: number): Answer {
  switch (fault.kind) {
    case 'answer': {
      const headers = Object.entries(fault.headers ?? {}).map(
        ([name, value]) => [name, typeof value === 'string' ? value : value(now)] as const,
      );
      const { body = '' } = fault;
      return {
        status: fault.status,
        headers: Object.fromEntries(headers),
        body: typeof body === 'string' ? body : toJson(body),
      };
    }
    case 'alter': {
      const answer = own();
      const value = answer.status === 200 ? fromJson(answer.body) : undefined;
      if (!isJsonObject(value)) return answer;
      const removed = new Set(fault.remove ?? []);
      const kept = Object.entries({ ...value, ...fault.set }).filter(([key]) => !removed.has(key));
      return { ...answer, body: toJson(Object.fromEntries(kept)) };
    }
    case 'slow':
    case 'drop':
      return own();
  }
}

/** `cut` sends the first half of the body and then closes the connection. */
function send(outgoing: ServerResponse, answer: Answer, now: number, cut: boolean): void {
  const bytes = Buffer.from(answer.body);
  const hasBody = answer.status !== 204 && answer.status !== 304;
  // Node's own Date would be the machine's time and not the vendor's.
  outgoing.sendDate = false;
  outgoing.writeHead(answer.status, {
    ...answer.headers,
    Date: new Date(now).toUTCString(),
    ...(hasBody && { 'Content-Length': bytes.length }),
  });
  if (cut) outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy());
  else outgoing.end(hasBody ? bytes : undefined);
}
