import { connectionOf } from '../../lib/connectors/stream-name.ts';
import type { StreamStatus } from '../../lib/operations/status.ts';
import { outcomeInWords, reasonBeside } from '../../lib/operations/words.ts';
import type { AlarmModel, ScheduleModel } from '../emulator/template/template-model.ts';
import { linesHere, type HereContext } from '../laptop/options/commands-here.ts';
import { oneLine } from '../terminal/words.ts';
import type { AlarmView, RunView, StreamView } from './page-state.ts';
import { severityOf } from './severity.ts';

/** What is known of a stream beside its checkpoint. */
export interface StreamContext {
  readonly schedule: Pick<ScheduleModel, 'expression' | 'timeZone'> | undefined;
  /** Epoch milliseconds. */
  readonly nextTick: number | null;
  /** Of the last run that ended; null where none was seen. */
  readonly pagesBefore: number | null;
}

/** Pure: one stored stream as the page shows it. */
export function streamView(status: StreamStatus, context: StreamContext): StreamView {
  const { stream, state, outcome, coming } = status;
  const { schedule, nextTick } = context;
  const words = outcome === null ? 'has not run yet' : outcomeInWords(outcome);
  const reason = reasonBeside(words, status.reason, status.lastStatus);
  const isOpen = state !== 'idle' && state !== 'new' && status.run !== null;
  const view: StreamView = {
    stream,
    connection: connectionOf(stream),
    outcome: outcome ?? 'new',
    words,
    severity: severityOf(outcome),
    reason: reason === null ? null : oneLine(reason),
    attempt: status.attempt,
    position: status.goesOnAt,
    run: status.run === null ? null : runView(status.run, isOpen, context.pagesBefore),
    completedAt: epoch(status.completedAt),
    waitingUntil: epoch(status.waitingUntil),
    haltedSince: epoch(status.haltedSince),
    nextTick,
    stoppedBy: state === 'halted' || state === 'paused' ? state : null,
    schedule: schedule === undefined ? '' : scheduleInWords(schedule),
  };
  if (coming === null) return view;
  // What had stopped it is over, and nothing else is known yet.
  const over = { reason: null, waitingUntil: null, haltedSince: null, stoppedBy: null };
  return { ...view, ...over, outcome: 'resumed', words: coming.words, severity: 'waiting' };
}

function runView(
  { startedAt, pages, ...rest }: NonNullable<StreamStatus['run']>,
  isOpen: boolean,
  pagesBefore: number | null,
): RunView {
  // By their own names, so that a new count is shown without being known here.
  const counts = Object.fromEntries(
    Object.entries(rest as Readonly<Record<string, unknown>>).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    ),
  );
  return { isOpen, startedAt: Date.parse(startedAt), pages, pagesBefore, counts };
}

/** UTC is said only where something else could be meant. */
function scheduleInWords({ expression, timeZone }: Pick<ScheduleModel, 'expression' | 'timeZone'>): string {
  const isLocal = expression.startsWith('cron') && timeZone !== 'UTC';
  return isLocal ? `${expression} ${timeZone}` : expression;
}

function epoch(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

/** Pure: an alarm of the template before anything is known of its state. */
export function alarmView(alarm: AlarmModel, here: HereContext): AlarmView {
  const dimension = (name: string): string | undefined =>
    alarm.metrics.map(({ dimensions }) => dimensions[name]).find((value) => value !== undefined);
  const about = dimension('stream') ?? dimension('connection') ?? null;
  const text = here.texts.get(alarm.name) ?? [{ says: alarm.AlarmDescription }];
  const lines = linesHere(text, here);
  return {
    name: alarm.name,
    state: 'INSUFFICIENT_DATA',
    since: null,
    text: lines.map(({ words, command }) => ({ says: words, code: command?.line ?? null })),
    about,
    commands: lines.flatMap(({ command }) => command ?? []),
  };
}
