/** They ask for their text to be kept with the code, and for no more. SPDX ids, https://spdx.org/licenses/ */
const permissive: ReadonlySet<string> = new Set([
  ...[
    '0BSD',
    'Apache-2.0',
    'BlueOak-1.0.0',
    'BSD-2-Clause',
    'BSD-3-Clause',
    'CC0-1.0',
    'ISC',
    'MIT',
    'MIT-0',
  ],
  ...['Unlicense', 'Zlib'],
]);

/**
 * Whether an SPDX expression leaves a choice of permissive licences only: one side of an OR is enough, an AND takes both.
 * https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/
 */
export function isPermissive(expression: string): boolean {
  const text = withoutBrackets(expression.trim());
  const choices = splitOutside(text, 'OR');
  if (choices.length > 1) return choices.some(isPermissive);
  const all = splitOutside(text, 'AND');
  if (all.length > 1) return all.every(isPermissive);
  return permissive.has(text);
}

/** `(MIT)` is `MIT`, and `(MIT) OR (ISC)` stays as it is. */
function withoutBrackets(text: string): string {
  const isOneGroup = text.startsWith('(') && depths(text).indexOf(0) === text.length - 1;
  return isOneGroup ? withoutBrackets(text.slice(1, -1).trim()) : text;
}

function splitOutside(text: string, operator: 'AND' | 'OR'): readonly string[] {
  const depth = depths(text);
  const cuts = [...text.matchAll(new RegExp(` +${operator} +`, 'g'))].filter(
    ({ index }) => depth[index] === 0,
  );
  const starts = [0, ...cuts.map(({ index, 0: found }) => index + found.length)];
  return starts.map((start, part) => text.slice(start, cuts[part]?.index));
}

/** How many brackets are open behind each character. */
function depths(text: string): readonly number[] {
  let open = 0;
  return Array.from(text, (character) => (open += character === '(' ? 1 : character === ')' ? -1 : 0));
}
