import type { Vendor, VendorAnswer, VendorRequest } from '../../lib/sync/ports.ts';
import type { Stream } from '../../lib/sync/settings.ts';
import { never, SimulatedFailure, type Invocation } from './invocation.ts';
import type { BoundPorts } from './bound-ports.ts';
import type { Call } from './judges/judge.ts';
import { vendorTimeOutMs } from './scenario.ts';
import { versionIn } from './secret-store.ts';
import type { Heard } from './simulated-vendor.ts';
import type { Connection, World } from './world.ts';

/** The vendor as one invocation reaches it, over a network that takes its time. */
export function vendorPort(
  world: World,
  invocation: Invocation,
  connection: Connection,
  /** As this invocation knows them. */
  streams: ReadonlyMap<string, Stream>,
  ports: BoundPorts,
): Vendor {
  return {
    async call(request, signal): Promise<VendorAnswer> {
      if (invocation.dead) return never();
      if (signal.aborted) return stopped;
      const strike = world.strikes.next('vendor', world.time);
      if (strike?.kind === 'kill' && strike.when === 'before')
        return kill(world, invocation, 'before its request');
      const ms = slowness(strike, invocation);
      const stream = streams.get(invocation.stream ?? '');
      if (stream === undefined) throw new Error(`${invocation.who} calls for nothing`);
      const call = { stream, version: versionIn(request.headers) };
      const heard = await send(world, invocation, call, request, signal, {
        ms: Math.min(ms, vendorTimeOutMs),
        answer: () => {
          if (ms >= vendorTimeOutMs) return nothing('silence');
          if (strike?.kind === 'failure') return nothing('broken');
          return connection.vendor.answer(request, call.version, world.time, world.now());
        },
      });
      if (heard === null) return stopped;
      if (strike?.kind === 'kill') return kill(world, invocation, 'after the answer');
      invocation.heard = heard;
      if (strike?.kind === 'lost answer') {
        // An adapter with a bug: the port says that it answers, and throws.
        world.disturb(invocation, 'the answer makes the client throw');
        await ports.pass(1);
        throw new SimulatedFailure('the client broke');
      }
      return answerOf(heard);
    },
  };
}

/** Every call takes some time, now and then most of what it may. */
function slowness(
  strike: { readonly kind: string; readonly ms?: number } | undefined,
  { chance }: Invocation,
): number {
  const usual = chance.happens(0.05) ? chance.scaled(1000, 15_000) : chance.scaled(50, 1500);
  return strike?.kind === 'slow' ? usual + (strike.ms ?? 0) : usual;
}

/** @returns null if nobody waits for the answer any more */
function send(
  world: World,
  invocation: Invocation,
  call: Call,
  request: VendorRequest,
  signal: AbortSignal,
  network: { readonly ms: number; readonly answer: () => Heard },
): Promise<Heard | null> {
  const { stream, version } = call;
  const { run, sequence } = world.checkpointOf(stream.name);
  invocation.calledFor = { run, sequence };
  invocation.call = call;
  for (const judge of world.judges) judge.called?.(invocation, call);
  invocation.calls += 1;
  world.tell(
    invocation.who,
    `asks ${stream.connection} for ${new URL(request.url).search || 'everything'} with ${version}`,
  );

  return new Promise((resolve) => {
    let open = true;
    const end = (heard: Heard | null): void => {
      if (!open) return;
      open = false;
      for (const judge of world.judges) judge.answered?.(invocation, call, heard);
      if (heard?.until != null) world.latestRetryAt = Math.max(world.latestRetryAt, heard.until);
      if (heard !== null)
        world.tell(stream.connection, `answers ${invocation.who}: ${inWords(heard, world.now())}`);
      if (!invocation.dead) resolve(heard);
    };
    signal.addEventListener('abort', () => end(null), { once: true });
    invocation.hangUp = () => end(null);
    world.scheduler.after(network.ms, () => {
      if (!open) return;
      const heard = network.answer();
      if (heard.kind === 'silence') world.scheduler.after(vendorTimeOutMs - network.ms, () => end(heard));
      else end(heard);
    });
  });
}

function nothing(kind: 'silence' | 'broken'): Heard {
  const none = { status: null, until: null, given: [], leftOut: false, lie: null, atEnd: false } as const;
  const place = { offset: null, limit: null, cursor: null, moved: false };
  return { kind, at: 0, ...none, ...place, of: { kind: 'all' }, headers: {}, body: '' };
}

function answerOf({ kind, status, headers, body, at }: Heard): VendorAnswer {
  if (kind === 'silence')
    return { kind: 'unanswered', failure: 'time-out', reason: 'no complete answer within 20 s' };
  if (kind === 'broken' || status === null) {
    return { kind: 'unanswered', failure: 'network', reason: 'the connection broke' };
  }
  return { kind: 'answered', status, headers, body, receivedAt: at };
}

const stopped: VendorAnswer = {
  kind: 'unanswered',
  failure: 'time-out',
  reason: 'stopped before the function runs out of time',
};

function kill(world: World, invocation: Invocation, when: string): Promise<never> {
  world.disturb(invocation, `killed ${when}`);
  invocation.dead = true;
  invocation.died();
  return never();
}

function inWords({ kind, status, until, given, lie, leftOut }: Heard, now: number): string {
  const truth = lie === null ? (leftOut ? ', without some' : '') : `, FAULT: ${lie}`;
  const word = until === null ? '' : `, not before ${Math.round(until - now) / 1000} s`;
  return `${kind}${status === null ? '' : ` (${status})`}${kind === 'page' ? ` of ${given.length}` : ''}${truth}${word}`;
}
