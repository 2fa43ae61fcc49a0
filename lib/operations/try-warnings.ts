import type { StreamDefinition } from '../connectors/connector.ts';
import { isObject, parseJson, type JsonObject } from '../connectors/json.ts';
import { walkOf } from '../paging/position.ts';
import type { Row } from '../connectors/read-page.ts';
import type { Tried, TriedPage } from './try-stream.ts';

/** What the pages of a try show of ids. */
export interface IdsSeen {
  readonly rows: number;
  readonly different: number;
  /** Rows that came before, where pages overlap by a row on purpose. */
  readonly overlapping: number;
  /** Rows whose id another row has had, but for those. */
  readonly doubles: number;
  /** Doubles that are other rows than the one before: their id does not tell them apart. */
  readonly conflicts: number;
}

export function rowsOf({ reading }: TriedPage): readonly Row[] {
  return reading.kind === 'page' ? reading.page.rows : [];
}

export function idsSeen(pages: readonly TriedPage[]): IdsSeen {
  const hashes = new Map<string, string>();
  let [rows, overlapping, doubles, conflicts] = [0, 0, 0, 0];
  let last: string | null = null;
  for (const page of pages) {
    const found = rowsOf(page);
    const mayOverlap = walkOf(page.position)?.kind === 'offset';
    for (const [index, { id, hash }] of found.entries()) {
      rows += 1;
      const before = hashes.get(id);
      hashes.set(id, hash);
      if (before === undefined) continue;
      if (mayOverlap && index === 0 && id === last) overlapping += 1;
      else {
        doubles += 1;
        if (before !== hash) conflicts += 1;
      }
    }
    last = found.at(-1)?.id ?? last;
  }
  return { rows, different: hashes.size, overlapping, doubles, conflicts };
}

/** What a person should look at before the definition is trusted, a sentence each. It repeats no value of a row. */
export function warningsOf({ pages, end }: Tried, definition: StreamDefinition): readonly string[] {
  const rows = pages.flatMap(rowsOf);
  return [
    ...emptyWarning(pages, rows.length),
    ...idWarnings(pages, definition),
    ...totalWarnings(pages, end.kind === 'end'),
    ...partialWarnings(pages),
    ...sizeWarnings(pages, definition),
    ...timeWarnings(rows.map(({ json }) => parseJson(json)).filter(isObject)),
  ];
}

function emptyWarning(pages: readonly TriedPage[], rows: number): readonly string[] {
  const answered = pages.some(({ reading }) => reading.kind === 'page' || reading.kind === 'nothing');
  if (rows > 0 || !answered) return [];
  return [
    'No row came: whether the ids are where the definition has them is not shown. Try it where the vendor has some.',
  ];
}

function idWarnings(pages: readonly TriedPage[], definition: StreamDefinition): readonly string[] {
  const { doubles, conflicts } = idsSeen(pages);
  const warnings: string[] = [];
  if (conflicts > 0) {
    const said = `${of(conflicts, 'row has', 'rows have')} the id of another row that is not the same`;
    warnings.push(
      `${said}: the id does not tell rows apart, and only the last one would be kept. Add a part to id.`,
    );
  } else if (doubles > 0) {
    warnings.push(
      `${of(doubles, 'row came', 'rows came')} twice: the list moved, or the vendor repeats rows.`,
    );
  }
  if (isPlace(pages)) {
    warnings.push(
      'The ids are the rows’ places in their page: a row would have another id once one before it is gone. Take another field.',
    );
  }
  const ids = pages.flatMap(rowsOf).map(({ id }) => id);
  if (definition.id.length === 1 && ids.length > 0) {
    if (ids.every((id) => /^[^@\s]+@[^@\s]+$/.test(id))) {
      warnings.push(
        'The ids are e-mail addresses: one that is corrected would be another record. Take a field that never changes, if there is one.',
      );
    } else if (ids.every((id) => /^\d{4}-\d\d-\d\d(?:[T ]|$)/.test(id))) {
      warnings.push(
        'The ids are times: two rows of one time would be one record. Take another field, or add a part to id.',
      );
    } else if (ids.every((id) => /\p{L}\s+\p{L}/u.test(id))) {
      warnings.push(
        'The ids look like names: one that is corrected would be another record. Take a field that never changes, if there is one.',
      );
    }
  }
  return warnings;
}

/** On more than one page: from 0 or from 1 each time. */
function isPlace(pages: readonly TriedPage[]): boolean {
  const filled = pages.map(rowsOf).filter((rows) => rows.length > 1);
  return (
    filled.length > 1 &&
    [0, 1].some((from) => filled.every((rows) => rows.every(({ id }, index) => id === String(index + from))))
  );
}

function totalWarnings(pages: readonly TriedPage[], ended: boolean): readonly string[] {
  const counted = pages.flatMap(({ reading }) =>
    reading.kind === 'page' && reading.page.total !== null
      ? [{ total: reading.page.total, entries: reading.page.entries }]
      : [],
  );
  if (counted.length === 0) return [];
  const { different } = idsSeen(pages);
  const totals = [...new Set(counted.map(({ total }) => total))];
  if (counted.length > 1 && counted.every(({ total, entries }) => total === entries)) {
    return ['The total counts the rows of its page and not of the list: leave paging.total out.'];
  }
  const least = Math.min(...totals);
  if (least < different) {
    return [
      `The total lies: it says ${least} rows, and ${different} different ones have come. It may count something else: leave paging.total out.`,
    ];
  }
  if (ended && Math.max(...totals) > different) {
    return [
      `The total says ${Math.max(...totals)} rows, and ${different} different ones came to the end: each run would be partial. Look at the id, or leave paging.total out.`,
    ];
  }
  return totals.length > 1
    ? [
        `The total changed between the pages (${totals.join(', ')}): the list moved, or it counts something else.`,
      ]
    : [];
}

function partialWarnings(pages: readonly TriedPage[]): readonly string[] {
  const said = pages.flatMap(({ reading }) =>
    reading.kind === 'page' && reading.page.partial !== null ? [reading.page.partial] : [],
  );
  const more = pages.flatMap(({ reading, next }) =>
    reading.kind === 'page' && next === null && reading.page.more !== null ? [reading.page.more] : [],
  );
  return [
    ...[...new Set(said)].map(
      (words) => `An answer is partial, and a partial run deletes nothing: ${words}.`,
    ),
    ...[...new Set(more)].map((words) => `There is more than the definition walks: ${words}.`),
  ];
}

function sizeWarnings(pages: readonly TriedPage[], { paging }: StreamDefinition): readonly string[] {
  if (!('pageSize' in paging) || pages.length < 2) return [];
  const full = pages.slice(0, -1).map(({ reading }) => (reading.kind === 'page' ? reading.page.entries : 0));
  const most = Math.max(...full);
  const wanted = paging.pageSize.default;
  if (most > wanted)
    return [
      `A page had ${most} rows, and ${wanted} were requested: the vendor may not know the parameter ${paging.limit}.`,
    ];
  return [];
}

/** A date and a time of day, and nothing that says where. */
const naive = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/;

function timeWarnings(rows: readonly JsonObject[]): readonly string[] {
  const names = [...new Set(rows.flatMap((row) => naiveIn(row, '')))].sort();
  if (names.length === 0) return [];
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  return [
    `${names.length === 1 ? 'A time has' : 'Times have'} no zone (${shown}): whoever reads the records has to know the vendor’s.`,
  ];
}

function naiveIn(row: JsonObject, before: string): readonly string[] {
  return Object.entries(row).flatMap(([key, value]) => {
    if (typeof value === 'string') return naive.test(value) ? [before + key] : [];
    return isObject(value) ? naiveIn(value, `${before}${key}.`) : [];
  });
}

function of(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
