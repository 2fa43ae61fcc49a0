import { readStatus, type Status, type StreamStatus } from '../../lib/operations/status.ts';
import { outcomeInWords, positionInWords, sweepInWords } from '../../lib/operations/words.ts';
import { colorsFor, type Colors } from '../local/screen/colors.ts';
import { calmTable, colorOfOutcome, textOf } from '../local/screen/final-report.ts';
import { count, counted, duration, oneLine } from '../local/screen/words.ts';
import type { Store } from './store.ts';
import { writeAll } from './write-all.ts';

/** @param where what chose the store, for the commands that are proposed: ` --data DIR`, ` --stack NAME` or nothing. */
export async function printStatus(
  store: Store,
  asJson: boolean,
  where: string,
  out: NodeJS.WriteStream,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const status = await readStatus(store.streams, store);
  const text = asJson
    ? JSON.stringify({ schemaVersion: 1, ...status }, null, 2)
    : statusText(status, where, Date.now(), colorsFor(out, variables));
  await writeAll(out, `${text}\n`);
}

/** A table, and below it a line for each thing that stands still or waits. Pure. */
export function statusText(
  { streams, connections }: Status,
  where: string,
  now: number,
  colors: Colors,
): string {
  const table = calmTable(
    ['stream', 'state', 'outcome', 'goes on at', 'pages', 'records', 'last complete'],
    ['left', 'left', 'left', 'left', 'right', 'right', 'left'],
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
  const held = streams.map((stream) => heldNote(stream, where, colors)).filter((note) => note !== null);
  return [textOf(table), [...refused, ...notes, ...held].join('\n')]
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

/** Nothing about what simply runs or is complete. */
function noteOf(stream: StreamStatus, where: string, now: number, colors: Colors): string | null {
  const { state, outcome, waitingUntil, haltedSince, reason } = stream;
  if (outcome === null || outcome === 'complete' || (outcome === 'running' && waitingUntil === null))
    return null;
  // Its held deletions say it, with their number.
  if (outcome === 'suspicious' && stream.heldDeletions !== null) return null;
  const since = haltedSince === null ? '' : ` since ${haltedSince}`;
  const wait = waitingUntil === null ? 0 : Date.parse(waitingUntil) - now;
  const until = wait > 0 ? `, again in ${duration(wait)}` : '';
  const why = reason === null ? '' : ` ${colors.dim(`(${oneLine(reason)})`)}`;
  const next =
    state === 'halted' && outcome !== 'unauthorized'
      ? `; npx pagekeeper resume ${stream.stream}${where}`
      : '';
  const mark = outcome === 'waiting' ? colors.yellow('…') : colors.red('✗');
  return `${mark} ${stream.stream}: ${outcomeInWords(outcome)}${since}${until}${why}${next}`;
}

/** Also while a later run is under way or has ended otherwise: the deletions wait until a run has looked again. */
function heldNote({ stream, heldDeletions }: StreamStatus, where: string, colors: Colors): string | null {
  if (heldDeletions === null) return null;
  const { rows, of, since, allowed } = heldDeletions;
  const mark = colors.yellow('…');
  if (allowed !== null) {
    return `${mark} ${stream}: its next run may delete up to ${count(allowed)} records`;
  }
  return `${mark} ${stream}: ${count(rows)} of ${counted(of, 'record')} would be deleted, held since ${since}; npx pagekeeper allow-deletions ${stream}${where}`;
}

function ago(time: string, now: number): string {
  const ms = Math.max(0, now - Date.parse(time));
  const days = Math.floor(ms / 86_400_000);
  return days > 0 ? `${count(days)} d ago` : `${duration(ms)} ago`;
}
