/**
 * Where the marks of a stream's time line stand. Pure.
 * @typedef {import('../page-state.ts').TimelineEvent} TimelineEvent
 * @typedef {{ kind: 'page' | 'wait' | 'end', severity: TimelineEvent['severity'], from: number, to: number }} Mark
 *   from and to in percent of the width
 */

const minute = 60_000;
const spans = [1, 2, 5, 10, 15].map((minutes) => minutes * minute);
const longest = 15 * minute;

/**
 * How far back the time lines go, in milliseconds: no further than there is anything.
 * @param {number} age
 */
export function spanOf(age) {
  return spans.find((span) => age <= span) ?? longest;
}

/** Marks that are nearer than this fall on the same pixels. */
const nearest = 0.3;

/**
 * @param {readonly TimelineEvent[]} events of one stream, oldest first
 * @param {number} now
 * @param {number} span
 * @returns {Mark[]}
 */
export function marksOf(events, now, span) {
  const place = (/** @type {number} */ at) => ((at - (now - span)) / span) * 100;
  /** @type {Mark[]} */
  const marks = [];
  let lastPage = -Infinity;
  for (const [index, { kind, severity, at, until }] of events.entries()) {
    const from = place(at);
    if (kind === 'wait') {
      // A wait is over when something happens, whatever was said.
      const next = events[index + 1]?.at ?? Infinity;
      const to = place(Math.min(until ?? at, next, now));
      if (to >= 0) marks.push({ kind, severity, from: Math.max(0, from), to });
    } else if (from >= 0 && (kind === 'page' || kind === 'end')) {
      if (kind === 'page' && from - lastPage < nearest) continue;
      if (kind === 'page') lastPage = from;
      marks.push({ kind, severity, from, to: from });
    }
  }
  return marks;
}
