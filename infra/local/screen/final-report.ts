import Table from 'cli-table3';

import { outcomeInWords, positionInWords } from '../../../lib/operations/words.ts';
import type { LocalRunResult } from '../run-locally.ts';
import type { StreamSummary, Summary } from '../start-summary.ts';
import type { Colors } from './colors.ts';
import { count, counted, oneLine } from './words.ts';

export interface FinalReport {
  readonly summary: Summary;
  /** With their descriptions, which the summary leaves out. */
  readonly alarms: LocalRunResult['alarms'];
  readonly ended: LocalRunResult['ended'] | 'failed';
  /** As the user would type it. */
  readonly dataDir: string;
  /** ` --data DIR` for the commands that are proposed, or nothing. */
  readonly dataOption: string;
  readonly timeoutSeconds: number;
  /** By connection: what holds its key, for those that do not talk to a simulator. */
  readonly keyVariables: ReadonlyMap<string, readonly string[]>;
}

/** What is left on the screen: streams, alarms, where the data is and what to try next. Pure. */
export function finalReport(report: FinalReport, columns: number, colors: Colors): string {
  return [
    headline(report, colors),
    streamTable(report.summary.streams, colors),
    troubles(report.summary.streams, colors),
    alarmSection(report, columns, colors),
    notificationSection(report.summary, colors),
    `Data: ${report.dataDir}`,
    nextSteps(report, colors),
  ]
    .filter((part) => part !== null)
    .join('\n\n');
}

function headline({ summary, ended, timeoutSeconds }: FinalReport, colors: Colors): string {
  const { streams, seconds } = summary;
  const complete = streams.filter(({ outcome }) => outcome === 'complete').length;
  const text = `${count(complete)} of ${counted(streams.length, 'stream')} complete in ${String(seconds)} s`;
  const why = {
    settled: '',
    'timed-out': `: stopped by --timeout ${String(timeoutSeconds)}`,
    interrupted: ': stopped by hand; the next start goes on where this one stopped',
    failed: ': the run broke down',
  }[ended];
  const mark = complete === streams.length ? colors.green('✓') : colors.red('✗');
  return `${mark} ${colors.bold(text)}${why}`;
}

function streamTable(streams: readonly StreamSummary[], colors: Colors): string {
  const table = calmTable(
    ['stream', 'outcome', 'pages', 're-drives', 'records', 'written', 'unchanged', 'goes on at'],
    ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'],
    colors,
  );
  for (const one of streams) {
    const color = one.outcome === 'complete' ? colors.green : colors.red;
    table.push([
      one.stream,
      color(one.outcome),
      count(one.pages),
      count(one.redrives),
      count(one.records),
      count(one.written),
      count(one.unchanged),
      positionCell(one),
    ]);
  }
  return textOf(table);
}

/** A cursor may be hundreds of characters of noise; `status --json` has it whole. */
function positionCell({ position }: StreamSummary): string {
  if (position === null) return '';
  return typeof position === 'number' ? positionInWords({ kind: 'offset', offset: position }) : 'its cursor';
}

function troubles(streams: readonly StreamSummary[], colors: Colors): string | null {
  const lines = streams
    .filter(({ outcome }) => outcome !== 'complete')
    .map(({ stream, outcome, reason }) => {
      const why = reason === null ? '' : ` ${colors.dim(`(${oneLine(reason)})`)}`;
      return `${colors.red('✗')} ${stream}: ${outcomeInWords(outcome)}${why}`;
    });
  return lines.length === 0 ? null : lines.join('\n');
}

function alarmSection({ alarms }: FinalReport, columns: number, colors: Colors): string | null {
  if (alarms.length === 0) return null;
  const ringing = alarms.filter(({ state }) => state === 'ALARM');
  const ok = alarms.filter(({ state }) => state === 'OK').length;
  const unknown = alarms.length - ringing.length - ok;
  const rest = [
    ok > 0 ? `${counted(ok, 'alarm')} OK` : null,
    unknown > 0 ? `${ok > 0 ? count(unknown) : counted(unknown, 'alarm')} without data` : null,
  ].filter((part) => part !== null);
  if (ringing.length === 0) return `Alarms: none in ALARM (${rest.join(', ')}).`;

  const nameWidth = Math.min(44, Math.max(...ringing.map(({ name }) => name.length)) + 2);
  const table = calmTable(['in ALARM', 'what to do'], ['left', 'left'], colors, [
    nameWidth,
    Math.max(30, Math.min(columns, 120) - nameWidth - 1),
  ]);
  for (const { name, reason, description } of ringing) {
    table.push([colors.red(name), oneLine(description === '' ? reason : description)]);
  }
  return rest.length === 0
    ? textOf(table)
    : `${textOf(table)}\n${colors.dim(`Besides: ${rest.join(', ')}.`)}`;
}

function notificationSection({ notifications }: Summary, colors: Colors): string | null {
  if (notifications.length === 0) return null;
  const lines = notifications.map(({ subject }) => `  ${oneLine(subject)}`);
  return [`${counted(notifications.length, 'message')} to on-call:`, ...lines.map(colors.dim)].join('\n');
}

function nextSteps(report: FinalReport, colors: Colors): string {
  const { dataOption, summary } = report;
  const { streams } = summary;
  const start = dataOption === '' ? 'npm start' : `npm start --${dataOption}`;
  const shown = streams.find(({ records }) => records > 0) ?? streams[0];
  const open = streams.filter(({ outcome }) => outcome !== 'complete');
  const steps: (readonly [string, string])[] = [];
  for (const [command, why] of remedies(report)) steps.push([command, why]);
  if (shown !== undefined) {
    steps.push([`npx pagekeeper records ${shown.stream} --format csv${dataOption}`, 'what has been stored']);
  }
  steps.push([`npx pagekeeper status${dataOption}`, 'how every stream stands']);
  steps.push([
    start,
    open.length > 0 ? 'goes on where it stopped' : 'again: what has not changed is not rewritten',
  ]);
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, why]) => `  ${colors.cyan(command.padEnd(width))}  ${colors.dim(why)}`);
  return ['Next:', ...lines].join('\n');
}

/** What ends each halt, the connections' first. */
function remedies({
  summary,
  dataOption,
  keyVariables,
}: FinalReport): readonly (readonly [string, string])[] {
  const refused = summary.streams.filter(({ outcome }) => outcome === 'unauthorized');
  const connections = new Set(refused.map(({ stream }) => stream.split('/', 1)[0] ?? stream));
  const halted = summary.streams.filter(({ outcome }) =>
    ['forbidden', 'missing', 'rejected', 'looping', 'runaway', 'paused'].includes(outcome),
  );
  return [
    ...[...connections].map((name): readonly [string, string] => {
      const variables = keyVariables.get(name)?.join(', ');
      const why =
        variables === undefined ? 'tries the key again' : `tries the key again; or set another ${variables}`;
      return [`npx pagekeeper resume ${name}${dataOption}`, why];
    }),
    ...halted.map(({ stream }): readonly [string, string] => [
      `npx pagekeeper resume ${stream}${dataOption}`,
      'once its cause is mended',
    ]),
  ];
}

/** Without the blanks that fill up each line. */
export function textOf(table: Table.Table): string {
  return table.toString().replaceAll(/[ \t]+$/gm, '');
}

type Align = 'left' | 'right';

/** Columns and one rule under the heading; no boxes. Colours are ours, so cli-table3 is to add none. */
export function calmTable(
  head: readonly string[],
  aligns: readonly Align[],
  colors: Colors,
  widths?: readonly number[],
): Table.Table {
  const nothing = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: ' ',
  };
  return new Table({
    head: head.map((cell) => colors.dim(cell)),
    colAligns: [...aligns],
    chars: nothing,
    style: { head: [], border: [], 'padding-left': 1, 'padding-right': 1, compact: true },
    ...(widths === undefined ? {} : { colWidths: [...widths], wordWrap: true }),
  });
}
