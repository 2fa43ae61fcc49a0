import type { Trouble } from '../sync/troubles.ts';

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
  stale: { heading: 'Stale', suffix: 'stale', severity: 'page' },
  silent: { heading: 'Watchdog silent', suffix: 'silent', severity: 'page' },
  // It is tried again all the time. Where it lasts, the stream is stale as well, which is a page.
  failing: { heading: 'Failing', suffix: 'failing', severity: 'ticket' },
  attention: { heading: 'Attention', suffix: 'attention', severity: 'ticket' },
  undelivered: { heading: 'Undelivered', suffix: 'undelivered', severity: 'ticket' },
  // What they do to the data has pages of its own: a crash counts as an attempt, and a stream that never gets to one is stale.
  functionErrors: { heading: 'Function errors', suffix: 'sync errors', severity: 'ticket' },
  changesBehind: { heading: 'Changes behind', suffix: 'changes behind', severity: 'page' },
  changesErrors: { heading: 'Change log errors', suffix: 'change log errors', severity: 'ticket' },
  eventsErrors: { heading: 'Event errors', suffix: 'event errors', severity: 'ticket' },
  // Without it nobody is told of anything else.
  tellerErrors: { heading: 'Telling errors', suffix: 'telling errors', severity: 'page' },
  changesLate: { heading: 'Changes late', suffix: 'changes late', severity: 'ticket' },
} as const satisfies Readonly<Record<string, Kind>>;

export type AlarmKind = keyof typeof alarmKinds;

/** Whether people are told of its beginning by the alarm itself, for who tells them of the others may be what is wrong. */
export function isToldByAlarm(kind: AlarmKind): boolean {
  return kind === 'silent' || kind === 'tellerErrors';
}

/** The alarm that each trouble raises. Those of one severity and one advice share one: it is paid for by the month. */
export const alarmOf = {
  unauthorized: 'unauthorized',
  missing: 'missing',
  halted: 'halted',
  stale: 'stale',
  exhausted: 'failing',
  throttled: 'failing',
  held: 'attention',
  unconfigured: 'attention',
} as const satisfies Readonly<Record<Trouble, AlarmKind>>;

/** An alarm on what is stored of a connection. */
export type TroubleAlarm = (typeof alarmOf)[Trouble];

export function troublesThatRaise(kind: TroubleAlarm): readonly Trouble[] {
  return (Object.keys(alarmOf) as Trouble[]).filter((trouble) => alarmOf[trouble] === kind);
}

/**
 * @param of the connection or the function that it is about; null where the suffix says that
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
export function kindOf(alarmName: string): AlarmKind | null {
  const kinds = Object.keys(alarmKinds) as AlarmKind[];
  return kinds.find((kind) => alarmName.endsWith(` ${alarmKinds[kind].suffix}`)) ?? null;
}

export function severityOf(alarmName: string): Severity | null {
  const kind = kindOf(alarmName);
  return kind && alarmKinds[kind].severity;
}
