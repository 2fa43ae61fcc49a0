import { standingOf, type Standing, type StreamOutcome } from '../../lib/sync/outcome.ts';
import type { Severity } from './page-state.ts';

const severities: Readonly<Record<Standing, Severity>> = {
  complete: 'good',
  'under way': 'active',
  // No page is sent for these, and nothing is wrong that the next tick or a person does not know of.
  incomplete: 'note',
  'not wanted': 'note',
  held: 'bad',
  'given up': 'bad',
  'key refused': 'bad',
  halted: 'bad',
};

/** @param outcome of a stream; null before its first page */
export function severityOf(outcome: StreamOutcome | null): Severity {
  if (outcome === null) return 'new';
  return outcome === 'waiting' ? 'waiting' : severities[standingOf[outcome]];
}
