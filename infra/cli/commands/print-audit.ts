import type { AuditEntry, Standing } from '../../../lib/sync/audit.ts';
import { ago, clockInWords } from '../../../lib/operations/words.ts';
import type { Colors } from '../../terminal/colors.ts';
import { count, counted, oneLine, wrapped } from '../../terminal/words.ts';

/** As wide as most terminals are at least. */
const width = 80;

/** A paragraph for each, in the order in which they come. Pure. */
export function auditText(entries: readonly AuditEntry[], now: number, colors: Colors): string {
  return entries.map((entry) => paragraphOf(entry, now, colors).join('\n')).join('\n\n');
}

function paragraphOf(entry: AuditEntry, now: number, colors: Colors): readonly string[] {
  const { who, typed, why, end } = entry;
  const at = Date.parse(entry.at);
  return [
    `${colors.dim(ago(at, now))}  ${colors.bold(oneLine(typed))}: ${outcomeInWords(entry, colors)}`,
    ...below(`by ${who}, ${clockInWords(at, now)}`),
    ...(why === null ? [] : below(`why: ${why}`)),
    ...standingsOf(entry).flatMap(below),
    ...(end?.results ?? []).flatMap(({ sentence }) => below(sentence)),
  ];
}

function below(text: string): readonly string[] {
  return wrapped(oneLine(text), width - 2, '  ').map((line) => `  ${line}`);
}

function outcomeInWords({ end }: AuditEntry, colors: Colors): string {
  if (end === null) return colors.yellow('its end is not on record');
  const fault = end.fault === null ? '' : ` (${oneLine(end.fault)})`;
  return end.outcome === 'failed' || end.outcome === 'refused'
    ? colors.red(`${end.outcome}${fault}`)
    : `${oneLine(end.outcome)}${fault}`;
}

/** What has changed, and of one that it was about alone also that it has not. */
function standingsOf({ before, end }: AuditEntry): readonly string[] {
  return before.flatMap((was) => {
    const is = end?.after.find(({ target }) => target === was.target);
    const words = standingInWords(was);
    if (is === undefined) return end === null ? [`${was.target} was ${words}`] : [];
    if (standingInWords(is) !== words) return [`${was.target} was ${words}, then ${standingInWords(is)}`];
    return before.length === 1 ? [`${was.target} was ${words}, and stayed so`] : [];
  });
}

/** Pure. */
export function standingInWords(standing: Standing): string {
  switch (standing.kind) {
    case 'connection':
      return keys[standing.key] ?? standing.key;
    case 'stream': {
      const { state, run, sequence, haltedFor, heldDeletions, allowedDeletions, fieldsAwaited } = standing;
      return [
        haltedFor === null ? state : `${state} as ${haltedFor}`,
        // The first characters tell one run from another.
        ...(run === null ? [] : [`page ${count(sequence + 1)} of run ${run.slice(0, 8)}`]),
        ...(heldDeletions === null ? [] : [`${counted(heldDeletions, 'deletion')} held`]),
        ...(allowedDeletions === null ? [] : [`${count(allowedDeletions)} of them allowed`]),
        ...(fieldsAwaited.length === 0 ? [] : [`waiting for ${fieldsAwaited.join(' and ')}`]),
      ].join(', ');
    }
  }
}

/** What the breaker says of a key. */
const keys: Readonly<Record<string, string>> = {
  closed: 'with a key that was not refused',
  open: 'with a refused key',
  'half-open': 'with a key on trial',
};
