import { counted, oneLine } from '../../terminal/words.ts';
import type { LocalEvent } from '../run/local-run.ts';
import { isRedrive, isSweep, ofThisRun, waitInWords, type Progress } from './progress.ts';

/** How many pages may pass without a word. */
const pagesBetweenLines = 25;

/**
 * One event as one line, for a log or a pipe; null where it is not worth one. Pure.
 *
 * @param before what was known before the event, and `after` what is known with it.
 */
export function plainLine(event: LocalEvent, before: Progress, after: Progress): string | null {
  switch (event.kind) {
    case 'report':
      return reportLine(event, before, after);
    case 'waiting-for-lease':
      return leaseLine(event.stream, before, after);
    case 'function-failed':
      return failureInWords(event);
    case 'log':
      return `${event.functionName} ${event.level}: ${oneLine(event.message)}`;
    case 'published':
    case 'event':
      return null;
    case 'alarm':
      return alarmLine(event, before);
    case 'message':
      return `to on-call: ${oneLine(event.subject)}`;
  }
}

/** The page of a stream is tried again: by its message, the next tick or the watchdog. */
export function failureInWords({
  functionName,
  stream,
  reason,
}: Extract<LocalEvent, { kind: 'function-failed' }>): string {
  return stream === null
    ? `${functionName} failed: ${oneLine(reason)}`
    : `${stream}: its function failed, and its page is tried again by itself (${oneLine(reason)})`;
}

/** The engine says so as long as it lasts; once is enough here. There is no clock but the event's own. */
function leaseLine(stream: string, before: Progress, after: Progress): string | null {
  const old = before.streams.get(stream)?.phase;
  const { phase } = after.streams.get(stream) ?? {};
  if (phase?.kind !== 'waiting' || old?.kind === 'waiting') return null;
  return `${stream}: ${oneLine(phase.why)} until ${new Date(phase.until).toTimeString().slice(0, 8)}`;
}

function alarmLine(event: Extract<LocalEvent, { kind: 'alarm' }>, before: Progress): string | null {
  if (event.state === 'ALARM') return `alarm: ${event.name}`;
  return before.alarms.has(event.name) ? `alarm over: ${event.name}` : null;
}

function reportLine(
  { report, at }: Extract<LocalEvent, { kind: 'report' }>,
  before: Progress,
  after: Progress,
): string | null {
  const old = before.streams.get(report.stream);
  const now = after.streams.get(report.stream);
  if (old === undefined || now === undefined) return null;
  const { phase } = now;

  if (phase.kind === 'ended') {
    // A stream that ends the same way again, with nothing called, is no news; another run that went through is.
    const isSame = old.phase.kind === 'ended' && old.phase.outcome === phase.outcome;
    if (isSame && report.outcome !== 'fetched') return null;
    const { pages, records, written, unchanged, deleted } = ofThisRun(now);
    const gone = deleted === 0 ? '' : `, ${String(deleted)} deleted`;
    const done = `${counted(pages, 'page')}, ${counted(records, 'record')}, ${String(written)} written, ${String(unchanged)} unchanged${gone}`;
    return phase.why === null
      ? `${report.stream}: ${phase.outcome}, ${done}`
      : `${report.stream}: ${phase.outcome} (${oneLine(phase.why)}), ${done}`;
  }
  if (phase.kind === 'waiting') {
    const same = old.phase.kind === 'waiting' && old.phase.why === phase.why && !isRedrive(report);
    if (same) return null;
    const tries = isRedrive(report) ? ` (try ${String(report.attempt)} failed)` : '';
    return `${report.stream}: ${waitInWords(phase, at)}${tries}`;
  }
  if (report.outcome !== 'fetched') return null;
  if (isSweep(report)) {
    const isKnown = old.phase.kind === 'going' && old.phase.sweeping;
    return isKnown || phase.kind !== 'going' ? null : `${report.stream}: looks for deleted records`;
  }
  const { pages, records, written } = ofThisRun(now);
  if (pages === 1) return `${report.stream}: under way`;
  return pages % pagesBetweenLines === 0
    ? `${report.stream}: ${counted(pages, 'page')}, ${counted(records, 'record')}, ${String(written)} written`
    : null;
}
