import { connectionOf } from '../../../lib/connectors/stream-name.ts';
import { duration, outcomeInWords } from '../../../lib/operations/words.ts';
import { standingOf } from '../../../lib/sync/outcome.ts';
import type { Colors } from '../../terminal/colors.ts';
import { colorOfOutcome } from './outcome-color.ts';
import { printable } from '../../terminal/printable.ts';
import { count, counted, oneLine } from '../../terminal/words.ts';
import { linesHere, type HereContext, type TextLine } from '../options/commands-here.ts';
import type { KeyPlace } from '../options/keys.ts';
import { defaultTimeoutSeconds } from '../options/options.ts';
import type { LocalRunResult } from '../run/local-run.ts';
import { ofAlarm } from '../run/of-alarm.ts';
import { storedSection, type StoredHere } from './stored-section.ts';
import { streamTable } from './stream-table.ts';
import type { StreamSummary, Summary } from './summary.ts';

export interface FinalReport {
  readonly summary: Summary;
  /** With their descriptions, which the summary leaves out. */
  readonly alarms: LocalRunResult['alarms'];
  readonly ended: LocalRunResult['ended'] | 'failed';
  /** Streams that this process has not come to. */
  readonly notLookedAt: ReadonlySet<string>;
  /** It went on by the schedules until it was stopped: being stopped is how it ends. */
  readonly watched: boolean;
  /** It came as far as storing something. */
  readonly hasData: boolean;
  /** Null where it has nothing, or it could not be read. */
  readonly stored: StoredHere | null;
  /** As the user would type it. */
  readonly dataDir: string;
  readonly here: HereContext;
  readonly timeoutSeconds: number;
}

/** What is left on the screen: streams, alarms, where the data is and what to try next. Pure. */
export function finalReport(report: FinalReport, columns: number, colors: Colors): string {
  return [
    headline(report, colors),
    isAnyLookedAt(report) ? tableOf(report, columns, colors) : null,
    troubles(report, colors),
    alarmSection(report, columns, colors),
    messageSection(report.summary, colors),
    report.stored && storedSection(report.stored, columns, colors),
    `Data: ${report.dataDir}`,
    nextSteps(report, columns, colors),
  ]
    .filter((part) => part !== null)
    .join('\n\n');
}

function headline(report: FinalReport, colors: Colors): string {
  const { summary, ended, timeoutSeconds } = report;
  const { streams, seconds } = summary;
  const complete = streams.filter(({ outcome }) => outcome === 'complete').length;
  const isWatched = report.watched && ended === 'interrupted';
  const time = isWatched ? `, watched for ${duration(seconds * 1000)}` : ` in ${String(seconds)} s`;
  const text = `${count(complete)} of ${counted(streams.length, 'stream')} complete${time}`;
  const why = {
    settled: '',
    'timed-out': `: stopped by --timeout ${String(timeoutSeconds)}`,
    interrupted: ': stopped by hand',
    failed: ': the run broke down',
  }[ended];
  const mark = complete === streams.length ? colors.green('✓') : colors.red('✗');
  if (isWatched && isAnyLookedAt(report)) return `${mark} ${colors.bold(text)}`;
  return `${mark} ${colors.bold(text)}${why}${why === '' ? '' : howFar(report)}`;
}

function howFar(report: FinalReport): string {
  if (!isAnyLookedAt(report)) return ' before any stream was looked at';
  return report.ended === 'interrupted' ? '; the next start goes on where this one stopped' : '';
}

function isAnyLookedAt({ summary, notLookedAt }: FinalReport): boolean {
  return summary.streams.some((stream) => !isNotLookedAt(stream, notLookedAt));
}

/** What an earlier run has stored of it may be worth a word all the same: that it halted, for one. */
function isNotLookedAt({ stream, outcome }: StreamSummary, notLookedAt: ReadonlySet<string>): boolean {
  return outcome === 'waiting' && notLookedAt.has(stream);
}

function tableOf({ summary, notLookedAt }: FinalReport, columns: number, colors: Colors): string {
  const outcomeOf = (one: StreamSummary): string =>
    isNotLookedAt(one, notLookedAt) ? 'not looked at' : one.outcome;
  return streamTable(summary, outcomeOf, columns, colors);
}

function troubles({ summary: { streams }, notLookedAt }: FinalReport, colors: Colors): string | null {
  const refused = streams.filter(({ outcome }) => outcome === 'unauthorized');
  const lines = [
    ...[...connectionsOf(refused)].map((connection) => {
      const halted = refused.filter(({ stream }) => connectionOf(stream) === connection).length;
      const why = outcomeInWords('unauthorized');
      return `${colors.red('✗')} ${connection}: ${why}; ${counted(halted, 'stream')} halted`;
    }),
    ...streams
      .filter((one) => needsWords(one) && !isNotLookedAt(one, notLookedAt))
      .map(({ stream, outcome, reason }) => {
        const why = reason === null ? '' : ` ${colors.dim(`(${oneLine(reason)})`)}`;
        const mark = colorOfOutcome(outcome, colors)(outcome === 'waiting' ? '…' : '✗');
        return `${mark} ${stream}: ${outcomeInWords(outcome)}${why}`;
      }),
  ];
  return lines.length === 0 ? null : lines.join('\n');
}

/** What is merely not done yet is explained by the headline, and a refused key by its connection. */
function needsWords({ outcome, reason }: StreamSummary): boolean {
  switch (standingOf[outcome]) {
    case 'complete':
    case 'key refused':
      return false;
    case 'under way':
      return outcome === 'waiting' && reason !== null;
    case 'incomplete':
    case 'held':
    case 'given up':
    case 'halted':
    case 'not wanted':
      return true;
  }
}

function connectionsOf(streams: readonly StreamSummary[]): ReadonlySet<string> {
  return new Set(streams.map(({ stream }) => connectionOf(stream)));
}

function alarmSection(
  { alarms, here, summary }: FinalReport,
  columns: number,
  colors: Colors,
): string | null {
  if (alarms.length === 0) return null;
  const ringing = alarms.filter(({ state }) => state === 'ALARM');
  const ok = alarms.filter(({ state }) => state === 'OK').length;
  const unknown = alarms.length - ringing.length - ok;
  const rest = [
    ok > 0 ? `${counted(ok, 'alarm')} OK` : null,
    unknown > 0 ? `${ok > 0 ? count(unknown) : counted(unknown, 'alarm')} without data` : null,
  ].filter((part) => part !== null);
  if (ringing.length === 0) return `Alarms: none in ALARM (${rest.join(', ')}).`;

  const besides = rest.length === 0 ? [] : [colors.dim(`Besides: ${rest.join(', ')}.`)];
  const titleOf = (name: string): string => `${colors.red('✗')} in ALARM: ${colors.bold(name)}`;
  // The messages say all of it, and better.
  if (messagesToPeople(summary).length > 0) {
    return [...ringing.map(({ name }) => titleOf(name)), ...besides].join('\n');
  }
  const width = Math.min(columns, 120);
  const told = ringing.map(({ name, reason, description }) => {
    const text = linesHere(
      here.texts.get(name) ?? [{ says: description === '' ? reason : description }],
      here,
    );
    return [titleOf(name), ...text.map((line) => textLine(line, width, colors))].join('\n');
  });
  return [...told, ...besides].join('\n\n');
}

/** The words are wrapped; a command is not, so that it can be copied. */
function textLine({ words, command }: TextLine, width: number, colors: Colors): string {
  const said = wrapped(oneLine(words), width - indent.length).map((line) => `${indent}${line}`);
  if (command === null) return said.join('\n');
  return [...said, `${indent}${indent}${colors.cyan(oneLine(command.line))}`].join('\n');
}

const indent = '  ';

/** Between words only. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** What people are told: a pager hears of each alarm, too. */
function messagesToPeople({ notifications }: Summary): Summary['notifications'] {
  return notifications.filter(({ listeners }) => listeners === 'people');
}

/** As e-mails have them. */
function messageSection(summary: Summary, colors: Colors): string | null {
  const messages = messagesToPeople(summary);
  if (messages.length === 0) return null;
  const told = messages.map(({ subject, message }) =>
    [colors.bold(oneLine(subject)), '', ...textOf(message).split('\n').map(printable)]
      .map((line) => `${indent}${line}`.trimEnd())
      .join('\n'),
  );
  return [`${counted(messages.length, 'message')} to on-call:`, ...told].join('\n\n');
}

/** Of CloudWatch's own the e-mail has the description, among the details of the alarm. */
function textOf(message: string): string {
  return ofAlarm(message)?.AlarmDescription ?? message;
}

function nextSteps(report: FinalReport, columns: number, colors: Colors): string {
  const { summary, hasData } = report;
  const { dataOption, again } = report.here;
  const { streams } = summary;
  const shown = streams.find(({ records }) => records > 0);
  const steps: readonly (readonly [string, string])[] = [
    ...remedies(report),
    ...(shown === undefined
      ? []
      : [
          [
            `npx pagekeeper records ${shown.stream} --format csv${dataOption}`,
            'what has been stored',
          ] as const,
        ]),
    ...(hasData ? [[`npx pagekeeper status${dataOption}`, 'how every stream stands'] as const] : []),
    [again, isOver(streams) ? next(streams) : goesOn(report)],
  ];
  const width = Math.max(0, ...steps.map(([{ length }]) => length).filter((length) => length <= alignedUpTo));
  const lines = steps.map(
    ([command, why]) =>
      `  ${colors.cyan(command.padEnd(Math.min(width, columns - 4 - why.length)))}  ${colors.dim(why)}`,
  );
  return ['Next:', ...lines].join('\n');
}

/** Their runs have come to an end, well or not: the next ones begin at the beginning. */
function isOver(streams: readonly StreamSummary[]): boolean {
  return streams.every(({ outcome }) => ['complete', 'incomplete', 'held'].includes(standingOf[outcome]));
}

function next(streams: readonly StreamSummary[]): string {
  const isLacking = streams.some(({ outcome }) => standingOf[outcome] === 'incomplete');
  return `${isLacking ? 'begins anew; ' : 'again: '}what has not changed is not rewritten`;
}

function goesOn(report: FinalReport): string {
  const words = isAnyLookedAt(report) ? 'goes on where it stopped' : 'tries again';
  const isLonger = report.ended === 'timed-out' && report.timeoutSeconds < defaultTimeoutSeconds;
  return isLonger ? `${words}, with up to ${String(defaultTimeoutSeconds)} s` : words;
}

/** Characters: one long command is not to push away what stands beside all the others. */
const alignedUpTo = 72;

/** What ends each halt, the connections' first, and what lets deletions through. */
function remedies({
  summary,
  here: { dataOption, keys },
}: FinalReport): readonly (readonly [string, string])[] {
  const refused = summary.streams.filter(({ outcome }) => outcome === 'unauthorized');
  const halted = summary.streams.filter(
    ({ outcome }) => standingOf[outcome] === 'halted' || outcome === 'paused',
  );
  const suspicious = summary.streams.filter(({ outcome }) => outcome === 'suspicious');
  return [
    ...[...connectionsOf(refused)].map((name): readonly [string, string] => {
      const place = keys.get(name);
      const another = place === undefined ? '' : `; or ${anotherIn(place)}`;
      return [`npx pagekeeper resume ${name}${dataOption}`, `tries the key again${another}`];
    }),
    ...halted.map(({ stream }): readonly [string, string] => [
      `npx pagekeeper resume ${stream}${dataOption}`,
      'once its cause is fixed',
    ]),
    ...suspicious.map(({ stream }): readonly [string, string] => [
      `npx pagekeeper allow-deletions ${stream}${dataOption}`,
      'if they are really gone; the next start deletes them',
    ]),
  ];
}

function anotherIn(place: KeyPlace): string {
  switch (place.kind) {
    case 'file':
      return `put another into ${oneLine(place.file)}`;
    case 'asked':
      return 'type another when the next start asks';
    case 'variables':
      return `set another ${place.names.join(', ')}`;
  }
}
