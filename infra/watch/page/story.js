import { counted, countInWords } from './words.js';

/**
 * @typedef {import('../page-state.ts').TimelineEvent} TimelineEvent
 * @typedef {{ id: number, at: number, from: number, severity: TimelineEvent['severity'], kind: TimelineEvent['kind'],
 *   stream: string | null, text: string, until: number | null }} Entry
 */

/**
 * What happened as a list to read, newest first: pages that follow each other in one stream are one entry. Pure.
 * @param {readonly TimelineEvent[]} events oldest first
 * @returns {Entry[]}
 */
export function storyOf(events, most = 30) {
  /** @type {Map<string, { entry: Entry, pages: TimelineEvent[] }>} */
  const open = new Map();
  /** @type {Entry[]} */
  const entries = [];
  for (const event of events) {
    const { stream } = event;
    const going = stream === null ? undefined : open.get(stream);
    if (event.kind === 'page' && going !== undefined) {
      going.pages.push(event);
      going.entry.at = event.at;
      going.entry.text = pagesText(going.pages);
      continue;
    }
    const { id, at, severity, kind, text, until } = event;
    const entry = { id, at, from: at, severity, kind, stream, text, until: until ?? null };
    entries.push(entry);
    if (stream === null) continue;
    if (event.kind === 'page') {
      entry.text = pagesText([event]);
      open.set(stream, { entry, pages: [event] });
    } else {
      open.delete(stream);
    }
  }
  return entries.sort((a, b) => b.at - a.at || b.id - a.id).slice(0, most);
}

/** @param {readonly TimelineEvent[]} pages */
function pagesText(pages) {
  /** @type {Map<string, number>} */
  const sums = new Map();
  for (const { counts = {} } of pages) {
    for (const [name, value] of Object.entries(counts)) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  const counts = [...sums].filter(([, value]) => value > 0).map(([name, value]) => countInWords(name, value));
  return [counted(pages.length, 'page'), ...counts].join(', ');
}
