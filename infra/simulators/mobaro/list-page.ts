import { jsonText, text } from '../frame/answer.ts';
import type { Answer } from '../frame/vendor.ts';
import type { Row } from './data.ts';

const maxOffset = 2_147_483_647;

/** Names are read without regard to case: published code sends `limit` and `offset`, the documentation `Limit`. */
export function parametersOf(query: URLSearchParams): ReadonlyMap<string, string> {
  return new Map([...query].map(([name, value]) => [name.toLowerCase(), value]));
}

/**
 * One page of a list: `{items, total, amount}`, `amount` being how many came. A `Limit` above the cap is cut down to it
 * without a word. Source: Mobaro's parameter reference, and calls
 * seen in published code.
 */
export function listPage(rows: readonly Row[], parameters: ReadonlyMap<string, string>, cap: number): Answer {
  const limit = wholeNumber(parameters.get('limit') ?? String(Math.min(20, cap)), 1, maxOffset);
  const offset = wholeNumber(parameters.get('offset') ?? '0', 0, maxOffset);
  if (limit === null) return text(400, 'The value of Limit is not valid.');
  if (offset === null) return text(400, 'The value of Offset is not valid.');
  const ordered = inOrder(rows, parameters.get('orderby'));
  if (ordered === null) return text(400, 'The value of OrderBy is not valid.');

  const items = ordered.slice(offset, offset + Math.min(limit, cap));
  const body = items.map((row) => row.text).join(',');
  return jsonText(200, `{"items":[${body}],"total":${String(rows.length)},"amount":${String(items.length)}}`);
}

/** `createdAt:desc`; null when it is not of that form. */
function inOrder(rows: readonly Row[], orderBy: string | undefined): readonly Row[] | null {
  if (orderBy === undefined) return rows;
  const [, field, direction] = /^(\w+):(asc|desc)$/.exec(orderBy) ?? [];
  if (field === undefined) return null;
  const key = ({ value }: Row): string => (typeof value[field] === 'string' ? value[field] : '');
  const sign = direction === 'desc' ? -1 : 1;
  // Code units and not a locale's order: the vendor's timestamps and ids are ASCII.
  return rows.toSorted((a, b) => sign * Number(key(a) > key(b)) - sign * Number(key(a) < key(b)));
}

function wholeNumber(value: string, least: number, most: number): number | null {
  if (!/^\d{1,10}$/.test(value)) return null;
  const number = Number(value);
  return number >= least && number <= most ? number : null;
}
