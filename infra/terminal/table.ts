import Table from 'cli-table3';

import type { Colors } from './colors.ts';

type Align = 'left' | 'right';

/** Between columns: three blanks, or two. */
export type Gaps = 'wide' | 'close';

/** Columns and one rule under the heading; no boxes. Colours are ours, so cli-table3 is to add none. */
export function calmTable(
  head: readonly string[],
  aligns: readonly Align[],
  colors: Colors,
  { widths, gaps = 'wide' }: { readonly widths?: readonly number[]; readonly gaps?: Gaps } = {},
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
    style: {
      head: [],
      border: [],
      'padding-left': 1,
      'padding-right': gaps === 'wide' ? 1 : 0,
      compact: true,
    },
    ...(widths === undefined ? {} : { colWidths: [...widths], wordWrap: true }),
  });
}

/** Without the blanks that fill up each line. */
export function textOf(table: Table.Table): string {
  return table.toString().replaceAll(/[ \t]+$/gm, '');
}
