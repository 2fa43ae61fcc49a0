import { connectionOf } from '../../../lib/connectors/stream-name.ts';
import { spanMs } from '../../../lib/connectors/limits.ts';
import { categoriesOf } from '../../../lib/connectors/coverage.ts';
import type { LimitStatus } from '../../../lib/operations/limits.ts';
import { newsInWords, type SchemaNews } from '../../../lib/operations/schema-news.ts';
import type { ConnectionStatus, Status, StreamStatus } from '../../../lib/operations/status.ts';
import {
  ago,
  clockInWords,
  duration,
  outcomeInWords,
  reasonBeside,
  roughly,
} from '../../../lib/operations/words.ts';
import type { Colors } from '../../terminal/colors.ts';
import { calmTable, textOf } from '../../terminal/table.ts';
import { count, counted, oneLine, wrapped } from '../../terminal/words.ts';
import type { StoredCount } from './count-stored.ts';

interface Shown extends StreamStatus {
  readonly nextTickAt?: string | null;
  readonly attemptCap?: number | null;
  readonly stored?: StoredCount | null;
}

interface ShownStatus extends Status {
  readonly streams: readonly Shown[];
  readonly limits?: readonly LimitStatus[];
  readonly schemaNews?: readonly SchemaNews[];
}

/** Of a terminal, and of a pipe: what is wider is easier to read in lines of this length, too. */
const width = 80;

/** What the command prints, and what the sentences need to know. */
interface Context {
  /** What chose the store, for the commands that are proposed: ` --data DIR`, ` --stack NAME` or nothing. */
  readonly where: string;
  /** Epoch milliseconds. */
  readonly now: number;
  readonly colors: Colors;
}

/**
 * A table, and below it a few lines for each thing that is under way, waits or stands still, and for each limit that is in use.
 * Pure. Lines have up to 80 characters, but for a command, which has a line of its own, and a very long name.
 *
 * @param ticks whether ticks come by themselves, so that the next one is worth telling
 */
export function statusText(
  { streams, connections, limits = [], schemaNews = [] }: ShownStatus,
  where: string,
  now: number,
  colors: Colors,
  ticks = false,
): string {
  const context = { where, now, colors };
  const refused = connections.flatMap((connection) => keyNote(connection, streams, context));
  const muted = connections.flatMap((connection) => mutedNote(connection, context));
  const notes = streams
    // Its connection has said it for all of them.
    .filter(({ outcome, haltedFor }) => (haltedFor ?? outcome) !== 'unauthorized' || refused.length === 0)
    .flatMap((stream) => noteOf(stream, context));
  const held = streams.flatMap((stream) => heldNote(stream, context));
  const awaited = streams.flatMap((stream) => awaitedNote(stream, context));
  const fields = streams.flatMap(({ stream }) => fieldsNote(stream, schemaNews, colors));
  const used = limits.flatMap((limit) => limitNote(limit, context));
  return [
    tableOf(streams, ticks, context),
    [...refused, ...muted, ...notes, ...held, ...awaited, ...fields].join('\n'),
    streams.flatMap(goingNote).join('\n'),
    used.join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Longer names take a line of their own: who is to type one has to read all of it. */
const maxName = 24;

function tableOf(streams: readonly Shown[], ticks: boolean, { now, colors }: Context): string {
  const isLong = streams.some(({ stream }) => stream.length > maxName);
  const table = calmTable(
    ['stream', 'state', 'last run', 'stored', 'complete', ...(ticks ? ['next tick'] : [])],
    ['left', 'left', 'right', 'right', 'left', ...(ticks ? (['left'] as const) : [])],
    colors,
    { gaps: 'close' },
  );
  for (const stream of streams) {
    const { run, completedAt, nextTickAt = null } = stream;
    table.push([
      isLong ? '' : stream.stream,
      stateCell(stream),
      run === null ? '' : count(run.records),
      storedCell(stream.stored ?? null),
      completedAt === null ? 'never' : ago(Date.parse(completedAt), now),
      ...(ticks ? [nextTickAt === null ? '' : `in ${roughly(Date.parse(nextTickAt) - now)}`] : []),
    ]);
  }
  const [head = '', ...rows] = textOf(table).split('\n');
  const named = rows.map((row, index) => (isLong ? ` ${streams[index]?.stream ?? ''}\n${row}` : row));
  return [head, ...named].join('\n');
}

/** A page that is tried again says so, for a run that gets nowhere runs, too. */
function stateCell(stream: Shown): string {
  if (stream.coming !== null) return 'resumed';
  const current = tryOf(stream);
  return current === null ? stream.state : tryInWords(current, stream);
}

/** The number of the try that is under way or comes next, where one has failed; null otherwise. */
function tryOf({ state, outcome, attempt }: Shown): number | null {
  if (state !== 'running') return null;
  if (outcome === 'waiting') return attempt > 0 ? attempt + 1 : null;
  return attempt > 1 ? attempt : null;
}

function tryInWords(attempt: number, { attemptCap = null }: Shown): string {
  return attemptCap === null ? `try ${count(attempt)}` : `try ${count(attempt)} of ${count(attemptCap)}`;
}

function storedCell(stored: StoredCount | null): string {
  return stored === null ? '' : `${count(stored.rows)}${stored.isMore ? '+' : ''}`;
}

/** Words in lines of 80, and the command that ends it in one of its own, to be pasted. */
function linesOf(mark: string, words: string, command: string | null = null): readonly string[] {
  const [first = '', ...others] = wrapped(words, width - 2, '  ');
  return [
    `${mark} ${first}`,
    ...others.map((line) => `  ${line}`),
    ...(command === null ? [] : [`    ${command}`]),
  ];
}

function keyNote(
  { connection, key, refusedSince }: ConnectionStatus,
  streams: readonly Shown[],
  { where, now, colors }: Context,
): readonly string[] {
  if (key === 'closed') return [];
  if (key === 'half-open') {
    const resumed = streams.find(
      ({ stream, coming }) => coming?.kind === 'resumed' && connectionOf(stream) === connection,
    );
    const when = resumed?.coming?.words ?? 'its next page tries it';
    return linesOf(colors.yellow('…'), `${connection}: its key is tried again; ${when}`);
  }
  const since = refusedSince === null ? '' : ` ${ago(Date.parse(refusedSince), now)}`;
  const words = `${connection}: the vendor refused its key${since}`;
  return linesOf(colors.red('✗'), words, `npx pagekeeper fix ${connection}${where}`);
}

function mutedNote(
  { connection, muted }: ConnectionStatus,
  { where, now, colors }: Context,
): readonly string[] {
  if (muted === null) return [];
  const words = `${connection}: pages muted until ${clockInWords(Date.parse(muted.until), now)}: ${oneLine(muted.why)}`;
  return linesOf(colors.yellow('…'), words, `npx pagekeeper mute ${connection} --off${where}`);
}

/** Nothing about what is complete with nothing to say of it, or only waits for its tick. */
function noteOf(stream: Shown, { where, now, colors }: Context): readonly string[] {
  const { state, outcome, outcomeAt, waitingUntil, reason, lastStatus } = stream;
  const name = stream.stream;
  const resume = `npx pagekeeper resume ${name}${where}`;
  if (stream.coming !== null) return linesOf(colors.yellow('…'), `${name}: ${stream.coming.words}`);
  if (state === 'paused') {
    const since = outcome === 'paused' && outcomeAt !== null ? ` ${ago(Date.parse(outcomeAt), now)}` : '';
    return linesOf(colors.yellow('…'), `${name}: ${outcomeInWords('paused')}${since}`, resume);
  }
  if (outcome === null || (outcome === 'complete' && reason === null)) return [];
  // Its held deletions say it, with their number.
  if (outcome === 'suspicious' && stream.heldDeletions !== null) return [];
  const said = reasonBeside(outcomeInWords(outcome), reason, lastStatus);
  const why = said === null ? '' : `; ${oneLine(said)}`;
  const current = tryOf(stream);
  if (outcome === 'running') {
    return current === null
      ? []
      : linesOf(colors.yellow('…'), `${name}: ${tryInWords(current, stream)}${placeOf(stream)}${why}`);
  }
  if (outcome === 'waiting') {
    // Nothing is open that could wait.
    if (state === 'idle') return [];
    const wait = waitingUntil === null ? 0 : Date.parse(waitingUntil) - now;
    const next = current === null ? outcomeInWords(outcome) : tryInWords(current, stream);
    const when = wait <= 0 ? '' : current === null ? `, again in ${duration(wait)}` : ` in ${duration(wait)}`;
    return linesOf(colors.yellow('…'), `${name}: ${next}${when}${why}`);
  }
  const isHaltedForItself = state === 'halted' && outcome !== 'unauthorized';
  const began = stream.haltedSince ?? stream.givenUpSince;
  // Its words end in what comes next, which is not what began then.
  const since =
    began === null ? '' : `${state === 'exhausted' ? '; stopped' : ''} ${ago(Date.parse(began), now)}`;
  const mark = outcome === 'complete' ? colors.yellow('…') : colors.red('✗');
  return linesOf(
    mark,
    `${name}: ${outcomeInWords(outcome)}${since}${why}`,
    isHaltedForItself || state === 'exhausted' ? resume : null,
  );
}

/** Of a stream that is under way and has no trouble: how far it is. */
function goingNote(stream: Shown): readonly string[] {
  if (stream.outcome !== 'running' || tryOf(stream) !== null || stream.state !== 'running') return [];
  const pages = stream.run === null ? '' : `, after ${counted(stream.run.pages, 'page')}`;
  return linesOf(' ', `${stream.stream}: ${outcomeInWords('running')}${placeOf(stream)}${pages}`);
}

function placeOf({ goesOnAt }: Shown): string {
  return goesOnAt === null ? '' : ` at ${goesOnAt}`;
}

/** Also while a later run is under way or has ended otherwise: the deletions wait until a run has looked again. */
function heldNote({ stream, heldDeletions }: Shown, { where, now, colors }: Context): readonly string[] {
  if (heldDeletions === null) return [];
  const { rows, of, since, allowed, allowedUntil } = heldDeletions;
  const mark = colors.yellow('…');
  const left = allowedUntil === null ? null : Date.parse(allowedUntil) - now;
  if (allowed !== null && (left === null || left >= 0)) {
    const until = left === null ? '' : `, within ${roughly(left)}`;
    return linesOf(mark, `${stream}: its next run may delete up to ${count(allowed)} records${until}`);
  }
  const words = `${stream}: ${count(rows)} of ${counted(of, 'record')} would be deleted, held back ${ago(Date.parse(since), now)}`;
  return linesOf(mark, words, `npx pagekeeper allow-deletions ${stream}${where}`);
}

/** Also while a later run is under way, as with held deletions. */
function awaitedNote({ stream, fieldsAwaited }: Shown, { where, colors }: Context): readonly string[] {
  if (fieldsAwaited === null) return [];
  const categories = categoriesOf(fieldsAwaited).join(', ');
  const words = `${stream}: nothing is written as long as nothing of ${categories} comes; only if that is right:`;
  return linesOf(colors.red('✗'), words, `npx pagekeeper allow-empty-fields ${stream}${where}`);
}

/** So many changes fit into a line or two. */
const maxNews = 3;

/** Also of a stream that is complete: the people who read its table may have to know. */
function fieldsNote(stream: string, news: readonly SchemaNews[], colors: Colors): readonly string[] {
  const own = news.filter((one) => one.stream === stream);
  const words = newsInWords(own, maxNews);
  return words === null ? [] : linesOf(colors.yellow('…'), `${stream}: ${oneLine(words)}`);
}

/** Nothing about a limit that is not in use. */
function limitNote(
  { limitScope, limit, rate, used, closedUntil, spans }: LimitStatus,
  { now, colors }: Context,
): readonly string[] {
  if (closedUntil !== null) {
    const left = duration(Date.parse(closedUntil) - now);
    return linesOf(colors.yellow('…'), `${limitScope}: the vendor wants no call for another ${left}`);
  }
  const known = limit === null ? 'found out by trying' : `of the ${count(limit)} that the vendor allows`;
  const words = `${limitScope}: ${counted(used, 'call')} in the last minute; up to ${count(rate)} are let through, ${known}`;
  const ofSpans = spans
    .filter(({ calls }) => calls > 0)
    .map(
      ({ requests, ms, calls }) =>
        `${limitScope}: ${counted(calls, 'call')} in the last ${spanName(ms)}, of the ${count(requests)} that the vendor allows`,
    );
  const lines = used === 0 ? ofSpans : [words, ...ofSpans];
  return lines.flatMap((line) => linesOf(' ', line)).map((line) => colors.dim(line));
}

function spanName(ms: number): string {
  return Object.entries(spanMs).find(([, length]) => length === ms)?.[0] ?? duration(ms);
}
