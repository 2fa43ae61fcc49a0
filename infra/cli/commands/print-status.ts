import { categoriesOf } from '../../../lib/connectors/coverage.ts';
import type { LimitStatus } from '../../../lib/operations/limits.ts';
import { newsInWords, type SchemaNews } from '../../../lib/operations/schema-news.ts';
import type { Status, StreamStatus } from '../../../lib/operations/status.ts';
import { outcomeInWords, positionInWords, sweepInWords } from '../../../lib/operations/words.ts';
import { colorOfOutcome } from '../../laptop/report/outcome-color.ts';
import type { Colors } from '../../terminal/colors.ts';
import { calmTable, textOf } from '../../terminal/table.ts';
import { count, counted, duration, oneLine } from '../../terminal/words.ts';

type Shown = Status & {
  readonly streams: readonly (StreamStatus & { readonly nextTickAt?: string | null })[];
  readonly limits?: readonly LimitStatus[];
  readonly schemaNews?: readonly SchemaNews[];
};

/**
 * A table, and below it a line for each thing that stands still or waits, and for each limit that is in use. Pure.
 *
 * @param where what chose the store, for the commands that are proposed: ` --data DIR`, ` --stack NAME` or nothing
 * @param ticks whether ticks come by themselves, so that the next one is worth telling
 */
export function statusText(
  { streams, connections, limits = [], schemaNews = [] }: Shown,
  where: string,
  now: number,
  colors: Colors,
  ticks = false,
): string {
  const table = calmTable(
    [
      'stream',
      'state',
      'outcome',
      'goes on at',
      'pages',
      'records',
      'last complete',
      ...(ticks ? ['next tick'] : []),
    ],
    ['left', 'left', 'left', 'left', 'right', 'right', 'left', ...(ticks ? (['left'] as const) : [])],
    colors,
  );
  for (const stream of streams) {
    table.push([
      stream.stream,
      stream.state,
      outcomeCell(stream, colors),
      positionCell(stream),
      stream.run === null ? '' : count(stream.run.pages),
      stream.run === null ? '' : count(stream.run.records),
      stream.completedAt === null ? 'never' : ago(stream.completedAt, now),
      ...(ticks ? [tickCell(stream.nextTickAt ?? null, now)] : []),
    ]);
  }
  const refused = connections
    .filter(({ key }) => key !== 'closed')
    .map(({ connection, key, refusedSince }) => {
      const since = refusedSince === null ? '' : ` since ${refusedSince}`;
      const next =
        key === 'half-open'
          ? 'its next page tries the key again'
          : `npx pagekeeper resume ${connection}${where}`;
      return `${colors.red('✗')} ${connection}: the vendor refused its key${since}; ${next}`;
    });
  const notes = streams
    // Its connection has said it for all of them.
    .filter(({ outcome }) => outcome !== 'unauthorized' || refused.length === 0)
    .map((stream) => noteOf(stream, where, now, colors))
    .filter((note) => note !== null);
  const held = streams.map((stream) => heldNote(stream, where, now, colors)).filter((note) => note !== null);
  const awaited = streams.map((stream) => awaitedNote(stream, where, colors)).filter((note) => note !== null);
  const fields = streams
    .map(({ stream }) => fieldsNote(stream, schemaNews, colors))
    .filter((note) => note !== null);
  const used = limits.map((limit) => limitNote(limit, now, colors)).filter((note) => note !== null);
  return [textOf(table), [...refused, ...notes, ...held, ...awaited, ...fields].join('\n'), used.join('\n')]
    .filter((part) => part !== '')
    .join('\n\n');
}

function outcomeCell({ outcome }: StreamStatus, colors: Colors): string {
  return outcome === null ? '' : colorOfOutcome(outcome, colors)(outcome);
}

function positionCell({ state, position, sweeping }: StreamStatus): string {
  if (state === 'idle' || state === 'new') return '';
  if (sweeping) return sweepInWords;
  if (position === null) return positionInWords(null);
  return typeof position === 'number' ? positionInWords({ kind: 'offset', offset: position }) : 'its cursor';
}

function tickCell(at: string | null, now: number): string {
  return at === null ? '' : `in ${duration(Date.parse(at) - now)}`;
}

/** Nothing about a limit that is not in use. */
function limitNote(
  { limitScope, limit, rate, used, closedUntil }: LimitStatus,
  now: number,
  colors: Colors,
): string | null {
  if (closedUntil !== null) {
    return `${colors.yellow('…')} ${limitScope}: the vendor wants no call for another ${duration(Date.parse(closedUntil) - now)}`;
  }
  if (used === 0) return null;
  const known = limit === null ? ', found out by trying' : `, of the ${count(limit)} that the vendor allows`;
  return colors.dim(
    `  ${limitScope}: ${counted(used, 'call')} in the last minute; up to ${count(rate)} are let through${known}`,
  );
}

/** Nothing about what simply runs, or is complete with nothing to say of it. */
function noteOf(stream: StreamStatus, where: string, now: number, colors: Colors): string | null {
  const { state, outcome, outcomeAt, waitingUntil, haltedSince, reason, attempt } = stream;
  if (state === 'paused') {
    const since = outcome === 'paused' && outcomeAt !== null ? ` since ${outcomeAt}` : '';
    return `${colors.yellow('…')} ${stream.stream}: ${outcomeInWords('paused')}${since}; npx pagekeeper resume ${stream.stream}${where}`;
  }
  if (outcome === null || (outcome === 'complete' && reason === null)) return null;
  if (outcome === 'running' && waitingUntil === null) return null;
  // Its held deletions say it, with their number.
  if (outcome === 'suspicious' && stream.heldDeletions !== null) return null;
  const since = haltedSince === null ? '' : ` since ${haltedSince}`;
  const wait = waitingUntil === null ? 0 : Date.parse(waitingUntil) - now;
  const until = wait > 0 ? `, again in ${duration(wait)}` : '';
  const tries = outcome === 'waiting' && attempt > 0 ? `, ${counted(attempt, 'try', 'tries')} failed` : '';
  const why = reason === null ? '' : ` ${colors.dim(`(${oneLine(reason)})`)}`;
  const next =
    state === 'halted' && outcome !== 'unauthorized'
      ? `; npx pagekeeper resume ${stream.stream}${where}`
      : '';
  const isWell = outcome === 'waiting' || outcome === 'complete';
  const mark = isWell ? colors.yellow('…') : colors.red('✗');
  return `${mark} ${stream.stream}: ${outcomeInWords(outcome)}${since}${tries}${until}${why}${next}`;
}

/** Also while a later run is under way or has ended otherwise: the deletions wait until a run has looked again. */
function heldNote(
  { stream, heldDeletions }: StreamStatus,
  where: string,
  now: number,
  colors: Colors,
): string | null {
  if (heldDeletions === null) return null;
  const { rows, of, since, allowed, allowedUntil } = heldDeletions;
  const mark = colors.yellow('…');
  const holds = allowedUntil === null || Date.parse(allowedUntil) >= now;
  if (allowed !== null && holds) {
    const until = allowedUntil === null ? '' : `, until ${allowedUntil}`;
    return `${mark} ${stream}: its next run may delete up to ${count(allowed)} records${until}`;
  }
  return `${mark} ${stream}: ${count(rows)} of ${counted(of, 'record')} would be deleted, held since ${since}; npx pagekeeper allow-deletions ${stream}${where}`;
}

/** Also while a later run is under way, as with held deletions. */
function awaitedNote({ stream, fieldsAwaited }: StreamStatus, where: string, colors: Colors): string | null {
  if (fieldsAwaited === null) return null;
  const categories = categoriesOf(fieldsAwaited).join(', ');
  return `${colors.red('✗')} ${stream}: nothing is written as long as nothing of ${categories} comes; only if that is right: npx pagekeeper allow-empty-fields ${stream}${where}`;
}

/** So many changes fit into a line or two. */
const maxNews = 3;

/** Also of a stream that is complete: the people who read its table may have to know. */
function fieldsNote(stream: string, news: readonly SchemaNews[], colors: Colors): string | null {
  const own = news.filter((one) => one.stream === stream);
  const words = newsInWords(own, maxNews);
  return words === null ? null : `${colors.yellow('…')} ${stream}: ${oneLine(words)}`;
}

function ago(time: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(time));
  const days = Math.floor(ms / 86_400_000);
  return days > 0 ? `${count(days)} d ago` : `${duration(ms)} ago`;
}
