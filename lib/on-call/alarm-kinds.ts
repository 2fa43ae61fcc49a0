/** `page` is sent to on-call at once; `ticket` can wait for the morning. */
export type Severity = 'page' | 'ticket';

interface Kind {
  /** Of its section in docs/runbook.md. */
  readonly heading: string;
  /** How the names of its alarms end. No kind's is the end of another's. */
  readonly suffix: string;
  readonly severity: Severity;
}

/**
 * `page` is what lets records grow old until a person acts, or the change log come to lack something. Everything else is a
 * `ticket`: it is being tried again, or costs nothing by morning, and if it does come to that, one of the pages says so.
 */
export const alarmKinds = {
  unauthorized: { heading: 'Unauthorized', suffix: 'unauthorized', severity: 'page' },
  missing: { heading: 'Missing', suffix: 'missing', severity: 'page' },
  halted: { heading: 'Halted', suffix: 'halted', severity: 'page' },
  // It is tried again all the time. Where it lasts, the stream is stale as well, which is a page.
  exhausted: { heading: 'Exhausted', suffix: 'exhausted', severity: 'ticket' },
  stale: { heading: 'Stale', suffix: 'stale', severity: 'page' },
  silent: { heading: 'Watchdog silent', suffix: 'silent', severity: 'page' },
  held: { heading: 'Held', suffix: 'held', severity: 'ticket' },
  throttled: { heading: 'Throttled', suffix: 'throttled', severity: 'ticket' },
  unconfigured: { heading: 'Unconfigured', suffix: 'unconfigured', severity: 'ticket' },
  deadLetters: { heading: 'Dead letters', suffix: 'dead letters', severity: 'ticket' },
  missedTicks: { heading: 'Missed ticks', suffix: 'missed ticks', severity: 'ticket' },
  // What they do to the data has pages of its own: a crash counts as an attempt, and a stream that never gets to one is stale.
  functionErrors: { heading: 'Function errors', suffix: 'sync errors', severity: 'ticket' },
  changesBehind: { heading: 'Changes behind', suffix: 'changes behind', severity: 'page' },
  changesErrors: { heading: 'Change log errors', suffix: 'change log errors', severity: 'ticket' },
  eventsErrors: { heading: 'Event errors', suffix: 'event errors', severity: 'ticket' },
  // Nothing is dropped or held for it; tables that were made before may refuse it.
  schemaMisfits: { heading: 'Schema changed', suffix: 'schema changed', severity: 'ticket' },
  changesLate: { heading: 'Changes late', suffix: 'changes late', severity: 'ticket' },
  watchdogErrors: { heading: 'Watchdog errors', suffix: 'watchdog errors', severity: 'ticket' },
} as const satisfies Readonly<Record<string, Kind>>;

export type AlarmKind = keyof typeof alarmKinds;

/**
 * @param of the stream, the connection or the function that it is about; null where the suffix says that
 * @param isNested another name, by a comma: where a connection moves into a nested stack or out of it, CloudFormation makes the new
 * alarm before it deletes the old one, and there is one alarm of a name.
 */
export function alarmNameOf(stack: string, kind: AlarmKind, of: string | null, isNested = false): string {
  const subject = of === null ? [] : [isNested ? `${of},` : of];
  return [stack, ...subject, alarmKinds[kind].suffix].join(' ');
}

/** The headings that docs/runbook.md must have. */
export const runbookHeadings: readonly string[] = Object.values(alarmKinds).map(({ heading }) => heading);

/** As Markdown makes a link out of a heading: `dead-letters`. */
export function runbookSection(kind: AlarmKind): string {
  return alarmKinds[kind].heading.toLowerCase().replaceAll(' ', '-');
}

/** Of an alarm, by how its name ends; null if it is none of ours. */
export function severityOf(alarmName: string): Severity | null {
  const kind = Object.values(alarmKinds).find(({ suffix }) => alarmName.endsWith(` ${suffix}`));
  return kind?.severity ?? null;
}

/** The ends of the names of all alarms of a severity. */
export function suffixesOf(severity: Severity): string[] {
  return Object.values(alarmKinds)
    .filter((kind) => kind.severity === severity)
    .map(({ suffix }) => ` ${suffix}`);
}
