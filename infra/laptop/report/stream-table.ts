import { stripVTControlCharacters } from 'node:util';

import { positionInWords } from '../../../lib/operations/words.ts';
import type { Colors } from '../../terminal/colors.ts';
import { colorOfOutcome } from './outcome-color.ts';
import { calmTable, textOf, type Gaps } from '../../terminal/table.ts';
import { count } from '../../terminal/words.ts';
import type { StreamSummary, Summary } from './summary.ts';

interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
  readonly cell: (stream: StreamSummary) => string;
  /** Where the screen is too narrow, the columns with the lowest number are left out first; without one it stays. */
  readonly dropped?: 1 | 2;
}

/** From the roomiest to the one for the narrowest screen. */
const layouts: readonly { readonly gaps: Gaps; readonly without: number }[] = [
  { gaps: 'wide', without: 0 },
  { gaps: 'close', without: 0 },
  { gaps: 'close', without: 1 },
  { gaps: 'close', without: 2 },
];

/**
 * What has become of each stream, one a line.
 * @param outcomeOf the words for a stream's outcome
 */
export function streamTable(
  { streams }: Summary,
  outcomeOf: (stream: StreamSummary) => string,
  width: number,
  colors: Colors,
): string {
  const all = columnsOf(streams, outcomeOf, colors);
  const drawn = layouts.map(({ gaps, without }) => {
    const columns = all.filter(({ dropped }) => dropped === undefined || dropped > without);
    const heads = columns.map(({ head }) => head);
    const aligns = columns.map(({ align }) => align);
    const table = calmTable(heads, aligns, colors, { gaps });
    table.push(...streams.map((stream) => columns.map(({ cell }) => cell(stream))));
    return textOf(table);
  });
  return drawn.find((table) => widthOf(table) <= width) ?? drawn.at(-1) ?? '';
}

function columnsOf(
  streams: readonly StreamSummary[],
  outcomeOf: (stream: StreamSummary) => string,
  colors: Colors,
): readonly Column[] {
  const isAnyOpen = streams.some(({ position }) => position !== null);
  const isAnyDeleted = streams.some(({ deleted }) => deleted > 0);
  return [
    { head: 'stream', align: 'left', cell: ({ stream }) => stream },
    {
      head: 'outcome',
      align: 'left',
      cell: (stream) => colorOfOutcome(stream.outcome, colors)(outcomeOf(stream)),
    },
    number('pages', ({ pages }) => pages),
    { ...number('re-drives', ({ redrives }) => redrives), dropped: 1 },
    number('records', ({ records }) => records),
    number('written', ({ written }) => written),
    { ...number('unchanged', ({ unchanged }) => unchanged), dropped: 1 },
    ...(isAnyDeleted ? [number('deleted', ({ deleted }) => deleted)] : []),
    ...(isAnyOpen ? [{ head: 'goes on at', align: 'left', cell: positionCell, dropped: 2 } as const] : []),
  ];
}

function number(head: string, value: (stream: StreamSummary) => number): Column {
  return { head, align: 'right', cell: (stream) => count(value(stream)) };
}

function widthOf(table: string): number {
  return Math.max(...table.split('\n').map((line) => stripVTControlCharacters(line).length));
}

/** A cursor may be hundreds of characters of noise; `status --json` has it whole. */
function positionCell({ position }: StreamSummary): string {
  if (position === null) return '';
  return typeof position === 'number' ? positionInWords({ kind: 'offset', offset: position }) : 'its cursor';
}
