import { isObject, parseJson } from '../../../lib/connectors/json.ts';
import { secretFields, type Connector, type StreamDefinition } from '../../../lib/connectors/connector.ts';
import { idsSeen, rowsOf, warningsOf } from '../../../lib/operations/try-warnings.ts';
import type { Tried, TriedPage } from '../../../lib/operations/try-stream.ts';
import { positionInWords } from '../../../lib/operations/words.ts';
import type { Colors } from '../../terminal/colors.ts';
import { calmTable, textOf } from '../../terminal/table.ts';
import { count, counted, oneLine, truncated, wrapped } from '../../terminal/words.ts';
import { shapeOf, fieldsOf } from './shape.ts';

/** What a try has shown, as it is printed. */
export interface Shown {
  readonly connector: Connector;
  readonly stream: string;
  readonly definition: StreamDefinition;
  readonly tried: Tried;
  /** Where the answers came from, for people. */
  readonly source: string;
  /** Calls, counted from 1, that are made otherwise than when they were recorded. */
  readonly otherwise: readonly number[];
  /** What is otherwise than in a recording; null where none was compared with. */
  readonly differences: readonly string[] | null;
}

const width = 80;
const shownRows = 5;

/** Everything in lines of at most 80 characters, but for URLs. Values of rows only where they are wanted. */
export function tryText(shown: Shown, values: boolean, colors: Colors): string {
  const { connector, stream, tried, source } = shown;
  const { pages } = tried;
  const rows = pages.flatMap(rowsOf).map(({ json }) => parseJson(json));
  const lines = [
    `${connector.title} ${stream}: ${counted(pages.length, 'call')} to ${source}. Nothing is stored.`,
    ...pages.flatMap((page) => ['', ...pageLines(page, colors)]),
    ...(rows.length === 0 ? [] : ['', ...rowsTable(rows, values, colors)]),
    ...(pages.length === 0 ? [] : ['', ...idLines(pages)]),
    ...endLines(shown),
    ...marked('!', allWarnings(shown), colors.yellow),
    ...(shown.differences === null ? [] : differenceLines(shown.differences, colors)),
  ];
  return `${lines.join('\n')}\n`;
}

function pageLines(page: TriedPage, colors: Colors): readonly string[] {
  const { number, request, answer, ms, reading, limit, namedWait } = page;
  const next = nextInWords(page);
  const status = answer.kind === 'unanswered' ? answer.reason : String(answer.status);
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  const { rows, total } =
    reading.kind === 'page'
      ? { rows: reading.page.rows.length, total: reading.page.total }
      : { rows: null, total: null };
  return [
    `${colors.bold(`${String(number)}.`)} ${request.method} ${oneLine(request.url)}`,
    ...headers.map((line) => `   ${colors.dim(truncated(oneLine(line), width - 3))}`),
    ...(request.body === null ? [] : [`   ${colors.dim(truncated(oneLine(request.body), width - 3))}`]),
    `   ${[
      `${oneLine(status)}, ${count(Math.round(ms))} ms`,
      ...(rows === null ? [readingInWords(page)] : [counted(rows, 'row')]),
      ...(total === null ? [] : [`total ${count(total)}`]),
    ].join(', ')}`,
    ...(limit === null
      ? []
      : [`   limit seen: ${limitInWords(limit, answer.kind === 'answered' ? answer.receivedAt : 0)}`]),
    ...(namedWait === null ? [] : [`   the vendor names a wait of ${String(Math.ceil(namedWait / 1000))} s`]),
    ...(next === null ? [] : [`   next: ${truncated(oneLine(next), width - 9)}`]),
  ];
}

function readingInWords({ reading }: TriedPage): string {
  switch (reading.kind) {
    case 'started':
      return 'a file is being written';
    case 'not yet':
      return 'the file is not there yet';
    case 'nothing':
      return 'no content';
    case 'page':
    case 'refused offset':
    case 'transient':
    case 'final':
      return reading.kind === 'page' ? '' : 'no rows';
  }
}

function limitInWords(
  { limit, window, windowMs }: NonNullable<TriedPage['limit']>,
  receivedAt: number,
): string {
  return [
    ...(limit === null
      ? []
      : [`${count(limit)} requests${windowMs === null ? '' : ` in ${String(windowMs / 1000)} s`}`]),
    ...(window === null
      ? []
      : [
          `${count(window.remaining)} left`,
          `anew in ${String(Math.max(0, Math.ceil((window.resetAt - receivedAt) / 1000)))} s`,
        ]),
  ].join(', ');
}

/** Where the next page starts. */
function nextInWords({ next, reading }: TriedPage): string | null {
  if (next === null) return null;
  const cursor = reading.kind === 'page' ? reading.page.cursor : null;
  return cursor === null ? positionInWords(next) : `${positionInWords(next)}: ${cursor}`;
}

/** As many fields as fit, a column each; the others by their names. */
function rowsTable(rows: readonly unknown[], values: boolean, colors: Colors): readonly string[] {
  const objects = rows.filter(isObject);
  const names = [...new Set(objects.flatMap((row) => Object.keys(row)))];
  const show = (value: unknown): string =>
    values && value !== undefined
      ? truncated(oneLine(typeof value === 'string' ? value : JSON.stringify(value)), 24)
      : shapeOf(value);
  const some = objects.slice(0, shownRows);
  const columns: string[] = [];
  let left = width;
  for (const name of names) {
    const wide =
      Math.max(truncated(oneLine(name), 24).length, ...some.map((row) => show(row[name]).length)) + 2;
    if (wide > left) break;
    left -= wide;
    columns.push(name);
  }
  const table = calmTable(
    columns.map((name) => truncated(oneLine(name), 24)),
    columns.map(() => 'left' as const),
    colors,
    { gaps: 'close' },
  );
  for (const row of some) table.push(columns.map((name) => show(row[name])));
  const rest = names.slice(columns.length);
  const fields = fieldsOf(objects);
  const typed = (name: string): string => {
    const found = fields.get(name);
    return found === undefined ? `${name} object` : `${name} ${[...found.types].join('|')}`;
  };
  return [
    textOf(table),
    ...(objects.length > some.length
      ? [colors.dim(` and ${counted(objects.length - some.length, 'row')} more`)]
      : []),
    ...(rest.length === 0
      ? []
      : wrapped(`Further fields: ${rest.map((name) => oneLine(typed(name))).join(', ')}.`, width - 1, '  ')),
    ...(values
      ? []
      : [colors.dim(' Values are hidden, for they may be personal data; --values shows them.')]),
  ];
}

function idLines(pages: readonly TriedPage[]): readonly string[] {
  const { rows, different, overlapping, doubles } = idsSeen(pages);
  const again = [
    ...(overlapping === 0
      ? []
      : [`${counted(overlapping, 'row')} again, for pages overlap by one on purpose`]),
    doubles === 0 ? 'no doubles' : counted(doubles, 'double'),
  ];
  return wrapped(
    `Ids: ${count(different)} different in ${counted(rows, 'row')}, ${again.join(', ')}.`,
    width - 1,
    '  ',
  );
}

function endLines({ tried: { end }, definition }: Shown): readonly string[] {
  return endInWords(end, definition).flatMap((line) => wrapped(line, width - 1, '  '));
}

/** How the walk stands, and what would end it. */
export function endInWords(end: Tried['end'], { paging }: StreamDefinition): readonly string[] {
  switch (end.kind) {
    case 'end':
      return [
        `The list ends here. A run would be ${end.outcome}${end.reason === null ? '' : `: ${end.reason}`}.`,
      ];
    case 'calls':
      return [`It goes on; no more calls were allowed (--pages). ${whatEnds(paging)}`];
    case 'fault':
    case 'nothing':
      return [end.sentence];
  }
}

function whatEnds(paging: StreamDefinition['paging']): string {
  switch (paging.kind) {
    case 'offset':
      return paging.total === undefined
        ? 'An empty page would end it.'
        : `An empty page would end it, or as many rows as ${paging.total.join('.')} says.`;
    case 'cursor':
      return `It would end where the answer has no text at ${paging.next.map((path) => path.join('.')).join(' or ')}.`;
    case 'file':
      return 'The file would end it.';
    default:
      return 'Its paging says what would end it.';
  }
}

function differenceLines(differences: readonly string[], colors: Colors): readonly string[] {
  if (differences.length === 0) return ['The fields are those of the recording.'];
  return ['', 'Otherwise than in the recording:', ...marked('≠', differences, colors.red)];
}

function marked(
  sign: string,
  sentences: readonly string[],
  color: (text: string) => string,
): readonly string[] {
  return sentences.flatMap((sentence) => {
    const [first = '', ...rest] = wrapped(oneLine(sentence), width - 3, '  ');
    return [`${color(sign)} ${first}`, ...rest];
  });
}

function allWarnings({ tried, definition, otherwise }: Shown): readonly string[] {
  const calls = `${otherwise.length === 1 ? 'Call' : 'Calls'} ${otherwise.join(', ')}`;
  return [
    ...warningsOf(tried, definition),
    ...(otherwise.length === 0
      ? []
      : [
          `${calls}: requested otherwise than when it was recorded, so the vendor may answer something else. Record it anew.`,
        ]),
  ];
}

/** The same for scripts. */
export function tryJson(shown: Shown, values: boolean): object {
  const { connector, stream, definition, tried, source, differences } = shown;
  const { pages, end } = tried;
  const rows = pages.flatMap(rowsOf).map(({ json }) => parseJson(json));
  return {
    ...{
      connector: connector.name,
      stream,
      source,
      calls: pages.length,
      secretFields: secretFields(connector),
    },
    pages: pages.map((page) => {
      const { number, request, answer, ms, reading, report, limit, namedWait } = page;
      return {
        ...{ number, request, ms, limit, namedWait, next: nextInWords(page) },
        status: answer.kind === 'unanswered' ? null : answer.status,
        ...(reading.kind === 'page' && { rows: reading.page.rows.length, total: reading.page.total }),
        ...{ outcome: report.outcome, reason: report.reason },
      };
    }),
    ids: idsSeen(pages),
    fields: [...fieldsOf(rows)].map(([name, { types }]) => ({ name, types: [...types] })),
    ...(values && { rows }),
    end: {
      kind: end.kind,
      ...(end.kind === 'end' && { outcome: end.outcome }),
      sentence: endInWords(end, definition).join(' '),
    },
    warnings: allWarnings(shown),
    differences,
  };
}
