import { connectionOf } from '../connectors/stream-name.ts';
import { newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import type { Breakers, Checkpoints, Clock } from '../sync/ports.ts';
import { waitsForKey } from '../sync/watch.ts';
import { comingInWords, comingTry } from './coming-try.ts';
import type { Done } from './done.ts';
import { resumeStream, type Resumed } from './resume.ts';
import { ofDeployments, outcomeInWords, positionInWords, reasonBeside } from './words.ts';

export interface TryPorts {
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly clock: Clock;
  /** Sends the page of a stream on its way, as `runStream` does; null where nothing works on queues. */
  readonly run: ((stream: string) => Promise<Done>) | null;
  readonly waitsFor: WaitsFor;
  /** What chose the store, for a command that is proposed: ` --stack NAME` or nothing. */
  readonly where: string;
}

/** A try, whatever comes of it; or the first page that is good, also by a later try. */
export type WaitsFor = 'nothing' | 'a try' | 'a good page';

/** A page takes no longer, with the start of its function, unless the vendor is slow; nor do a few tries with their waits. */
const maxWaitMs = { 'a try': 30_000, 'a good page': 120_000 } as const;
const lookAgainMs = 250;

/**
 * Has the page of each stream tried that has been resumed, one call each, and says what came of it: `refused` where it stands
 * still again. Where nothing works on queues, what was done is all there is to say.
 *
 * @param streams all streams of the store: those that a refused key has halted follow the one that tries it
 */
export async function tryAtOnce(
  resumed: readonly Resumed[],
  streams: readonly string[],
  ports: TryPorts,
): Promise<readonly Done[]> {
  const done = await Promise.all(resumed.map((one) => tryOne(one, streams, ports)));
  return done.flat().map(doneOf);
}

function doneOf({ target, changed, refused, sentence }: Done): Done {
  return { target, changed, sentence, ...(refused && { refused }) };
}

async function tryOne(one: Resumed, streams: readonly string[], ports: TryPorts): Promise<readonly Done[]> {
  const { checkpoints, breakers, clock, run, waitsFor } = ports;
  const { target, toTry } = one;
  if (toTry === null || run === null) return [one];
  const read = async (): Promise<Checkpoint> => (await checkpoints.read(toTry)) ?? newCheckpoint(toTry);
  const before = await read();
  let sent: Done;
  try {
    sent = await run(toTry);
  } catch (error) {
    // What was resumed is due all the same, as where somebody may not send: the next tick or the watchdog takes it up.
    const why = error instanceof Error ? error.name : 'no reason given';
    const sentence = `${one.sentence} Its message could not be sent (${why}).`;
    return [{ ...one, ...(waitsFor === 'a good page' && { refused: true }), sentence }];
  }
  const carried = await read();
  // Its message could not be sent, or it may not run: both say themselves what happens next.
  if (sent.refused || carried.state === 'parked') {
    const isUntried = sent.refused === true || waitsFor === 'a good page';
    return [{ ...one, ...(isUntried && { refused: true }), sentence: sent.sentence }];
  }
  const breaker = await breakers.read(connectionOf(toTry));
  const coming = comingTry(carried, breaker, { now: clock.now(), watched: true });
  const sentence =
    coming === null
      ? `${toTry} goes on at ${positionInWords(before.position)} now.`
      : `${toTry} goes on at ${positionInWords(before.position)}: ${comingInWords(coming, ofDeployments)}.`;
  if (waitsFor === 'nothing') return [{ target, changed: true, sentence }];
  const after = await untilTried(before, read, clock, waitsFor);
  if (after === null) {
    const { sentence: last } = found(await read(), before);
    if (waitsFor === 'a good page')
      return [
        {
          target,
          changed: true,
          refused: true,
          sentence: `${last} No good page has come yet; it goes on by itself.`,
        },
      ];
    return [{ target, changed: true, sentence: `${sentence} It has not been answered yet.` }];
  }
  if (target === toTry) return [{ target, changed: true, ...found(after, before) }];
  return foundOfKey(target, after, before, streams, ports);
}

/** @returns null where it takes too long */
async function untilTried(
  before: Checkpoint,
  read: () => Promise<Checkpoint>,
  clock: Clock,
  waitsFor: Exclude<WaitsFor, 'nothing'>,
): Promise<Checkpoint | null> {
  const giveUpAt = clock.now() + maxWaitMs[waitsFor];
  const { signal } = new AbortController();
  while (clock.now() < giveUpAt) {
    const now = await read();
    if (isOver(now, before) || (waitsFor === 'a try' && isBack(now, before))) return now;
    await clock.sleep(lookAgainMs, signal);
  }
  return null;
}

/** Its page has been stored since, or it stands still. */
function isOver(now: Checkpoint, before: Checkpoint): boolean {
  const hasMoved =
    before.run === null
      ? now.run === null || now.sequence > 0
      : now.run !== before.run || now.sequence !== before.sequence;
  const stands = now.state !== 'running' && now.state !== 'parked';
  return hasMoved || (stands && now.revision !== before.revision);
}

/** It was tried, and waits for its next try. */
function isBack(now: Checkpoint, before: Checkpoint): boolean {
  return now.lease === null && now.outcome === 'waiting' && now.reason !== before.reason;
}

function found(after: Checkpoint, before: Checkpoint): Pick<Done, 'refused' | 'sentence'> {
  const at = positionInWords(before.position);
  const { stream, state, outcome, reason, lastStatus, retryAt } = after;
  const words = outcomeInWords(outcome ?? 'running');
  const said = reasonBeside(words, reason, lastStatus);
  const why = said === null ? '' : ` (${said})`;
  const tried = `${stream} was tried at ${at}, and`;
  if (state === 'halted') {
    // What had stopped it stays stored until a page is good. For another cause it is halted for the first time.
    const again = before.stopped?.by === outcome ? ' again' : '';
    return { refused: true, sentence: `${tried} is halted${again}: ${words}${why}.` };
  }
  if (state === 'exhausted') return { refused: true, sentence: `${tried} ${words}${why}.` };
  if (outcome === 'waiting' && after.lease === null) {
    const when = retryAt === null ? 'soon' : `at ${new Date(retryAt).toISOString().slice(11, 19)} UTC`;
    return { sentence: `${tried} is tried again ${when}${why}.` };
  }
  return {
    sentence: `${stream} has gone on at ${at}: ${state === 'idle' ? words : 'its run is under way'}.`,
  };
}

/**
 * The page of one stream has tried the key of all: the others that it had halted follow, or none does. A stream that stands
 * still for itself is no fault of the key, and has a sentence of its own.
 */
async function foundOfKey(
  connection: string,
  after: Checkpoint,
  before: Checkpoint,
  streams: readonly string[],
  { checkpoints, breakers, clock, run, where }: TryPorts,
): Promise<readonly Done[]> {
  const ofKey = { target: connection, changed: true } as const;
  const { state } = await breakers.read(connection);
  if (state === 'open')
    return [
      { ...ofKey, refused: true, sentence: `The vendor refused the key of ${connection} again (401).` },
    ];
  const { refused, sentence } = found(after, before);
  if (state === 'half-open')
    return [{ ...ofKey, sentence: `${sentence} Nothing is known of the key of ${connection} yet.` }];
  const own = streams.filter((stream) => connectionOf(stream) === connection);
  const halted = [...(await checkpoints.readAll(own)).values()].filter(waitsForKey);
  for (const { stream } of halted) {
    const { toTry } = await resumeStream(stream, { checkpoints, breakers, clock });
    if (toTry !== null) await run?.(toTry);
  }
  const good = `The key of ${connection} is good`;
  if (refused !== true) return [{ ...ofKey, sentence: `${good}: ${sentence}` }];
  const { stream } = after;
  const others = halted.length === 0 ? '' : `, and what it had halted goes on`;
  const command = `npx pagekeeper resume ${stream}${where}`;
  return [
    { ...ofKey, sentence: `${good}${others}.` },
    { target: stream, changed: true, refused, sentence: `${sentence} Once that is put right: ${command}` },
  ];
}
