import { counted, countInWords } from './words.js';

/**
 * @typedef {import('../page-state.ts').Happening} Happening
 * @typedef {{ id: number, at: number, from: number, tone: Happening['tone'], kind: Happening['kind'],
 *   stream: string | null, text: string, until: number | null }} Entry
 */

/**
 * What happened as a list to read, newest first: pages that follow each other in one stream are one entry. Pure.
 * @param {readonly Happening[]} happenings oldest first
 * @returns {Entry[]}
 */
export function storyOf(happenings, most = 30) {
  /** @type {Map<string, { entry: Entry, pages: Happening[] }>} */
  const open = new Map();
  /** @type {Entry[]} */
  const entries = [];
  for (const happening of happenings) {
    const { stream } = happening;
    const going = stream === null ? undefined : open.get(stream);
    if (happening.kind === 'page' && going !== undefined) {
      going.pages.push(happening);
      going.entry.at = happening.at;
      going.entry.text = pagesText(going.pages);
      continue;
    }
    const { id, at, tone, kind, text, until } = happening;
    const entry = { id, at, from: at, tone, kind, stream, text, until: until ?? null };
    entries.push(entry);
    if (stream === null) continue;
    if (happening.kind === 'page') {
      entry.text = pagesText([happening]);
      open.set(stream, { entry, pages: [happening] });
    } else {
      open.delete(stream);
    }
  }
  return entries.sort((a, b) => b.at - a.at || b.id - a.id).slice(0, most);
}

/** @param {readonly Happening[]} pages */
function pagesText(pages) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { counts = {} } of pages) {
    for (const [name, value] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const counts = [...sums].filter(([, value]) => value > 0).map(([name, value]) => countInWords(name, value));
  return [counted(pages.length, 'page'), ...counts].join(', ');
}
