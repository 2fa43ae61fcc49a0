import { outcomeInWords, reasonBeside } from '../../lib/operations/words.ts';
import { pageOutcomeFacts } from '../../lib/sync/outcome.ts';
import type { PageReport } from '../../lib/sync/report.ts';
import type { LocalEvent } from '../laptop/run/local-run.ts';
import { failureInWords } from '../laptop/report/plain-line.ts';
import { isGivenUp, reasonOf } from '../laptop/report/progress.ts';
import { counted, oneLine } from '../terminal/words.ts';
import type { TimelineEvent } from './page-state.ts';
import { severityOf } from './severity.ts';

/** Reasons come from wherever something breaks; one line is enough here. */
const maxTextLength = 300;

/** Pure. @returns null where nothing is worth telling */
export function timelineEventOf(event: LocalEvent, id: number, now: number): TimelineEvent | null {
  switch (event.kind) {
    case 'report':
      return ofReport(event.report, id, event.at);
    case 'waiting-for-lease':
      return {
        ...{ id, at: now, kind: 'wait', severity: 'waiting', stream: event.stream, until: event.until },
        text: 'waits for what a process that is gone has left behind',
      };
    case 'function-failed':
      return {
        ...ofMachine(id, now),
        severity: 'bad',
        stream: event.stream,
        text: cut(failureInWords(event)),
      };
    case 'log':
      return {
        ...ofMachine(id, now),
        severity: 'note',
        text: cut(`${event.functionName}: ${event.message}`),
      };
    case 'published':
    case 'event':
      return null;
    case 'alarm': {
      const { name, state } = event;
      const at = { id, at: now, kind: 'alarm', stream: null } as const;
      if (state === 'ALARM') return { ...at, severity: 'bad', text: `alarm: ${name}` };
      return { ...at, severity: 'good', text: `alarm over: ${name}` };
    }
    case 'message':
      return { ...ofMachine(id, now), severity: 'note', text: `to on-call: ${cut(event.subject)}` };
  }
}

function ofMachine(id: number, at: number) {
  return { id, at, kind: 'log', stream: null } as const;
}

function ofReport(report: PageReport, id: number, at: number): TimelineEvent | null {
  const { stream, outcome, streamOutcome, next, retryAt } = report;
  if (!pageOutcomeFacts[outcome].saysOfStream) return null;
  const about = { id, at, stream };
  const isOpen = streamOutcome === 'running' || streamOutcome === 'waiting';
  if (outcome === 'fetched' && (next === 'continue' || isOpen)) {
    return { ...about, kind: 'page', severity: 'active', text: pageText(report), counts: countsOf(report) };
  }
  if (outcome === 'fetched') {
    const words = streamOutcome === null ? '' : `${outcomeInWords(streamOutcome)}; `;
    const text = `${words}${report.requests === 0 ? '' : 'last page '}${pageText(report)}`;
    return { ...about, kind: 'end', severity: severityOf(streamOutcome), text, counts: countsOf(report) };
  }
  const waits = next === 'redrive' || next === 'parked' || isOpen;
  if (retryAt !== null && waits && !isGivenUp(report)) {
    const why = cut(reasonOf(report));
    const tries = outcome === 'deferred' ? ` (try ${String(report.attempt)} failed)` : '';
    return { ...about, kind: 'wait', severity: 'waiting', text: `${why}${tries}`, until: retryAt };
  }
  if (streamOutcome === null) return null;
  const words = outcomeInWords(streamOutcome);
  const why = reasonBeside(words, report.reason, report.status);
  return {
    ...about,
    kind: 'end',
    severity: severityOf(streamOutcome),
    text: cut(why === null ? words : `${words}: ${why}`),
  };
}

function pageText({ requests, records, written, deleted }: PageReport): string {
  if (requests === 0)
    return `looked for deleted records, ${deleted === 0 ? 'none' : String(deleted)} deleted`;
  return `${counted(records, 'record')}, ${String(written)} written`;
}

const notCounted = ['sequence', 'attempt', 'requests', 'status', 'retryAt', 'delaySeconds'];

/** Whatever the report counts of its page's records, so that a new count is shown without being known here. */
function countsOf(report: PageReport): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(report).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && !notCounted.includes(entry[0]),
    ),
  );
}

function cut(text: string): string {
  const line = oneLine(text);
  return line.length <= maxTextLength ? line : `${line.slice(0, maxTextLength - 1)}…`;
}
