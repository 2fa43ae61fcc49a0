import { byId, element, keyed, setAttribute, setText } from './dom.js';
import { clock, count, duration } from './words.js';

/**
 * @typedef {import('../watch/page-state.ts').PageState} PageState
 * @typedef {import('../watch/page-state.ts').LimitView} LimitView
 */

/**
 * What is used of each limit.
 * @param {PageState} state
 * @param {number} now
 */
export function showLimits({ limits }, now) {
  byId('limits-empty').hidden = limits.length > 0;
  keyed(
    byId('limits'),
    limits,
    ({ scope }) => scope,
    createLimit,
    (node, limit) => {
      const { scope, calls, pace } = limit;
      const used = Math.min(1, pace === 0 ? 0 : calls / pace);
      setAttribute(node, 'class', limit.closedUntil !== null && limit.closedUntil > now ? 'closed' : '');
      setText(node.querySelector('.figures'), `${count(calls)} of ${count(pace)} a minute`);
      const bar = node.querySelector('meter');
      if (bar !== null) {
        bar.max = 1;
        bar.value = used;
        setAttribute(
          bar,
          'aria-label',
          `${scope}: ${count(calls)} of ${count(pace)} calls in the last minute`,
        );
      }
      setText(node.querySelector('.small'), wordsOf(limit, now));
    },
  );
}

/** @param {LimitView} limit */
function createLimit({ scope }) {
  return element('li', '', [
    element('span', 'scope', [scope]),
    element('span', 'figures'),
    element('meter'),
    element('span', 'small'),
  ]);
}

/** @type {Readonly<Record<NonNullable<LimitView['saidBy']>, string>>} */
const sources = {
  settings: 'your settings say so',
  vendor: 'the vendor says so',
  documentation: 'its documentation says so',
};

/**
 * @param {LimitView} limit
 * @param {number} now
 */
function wordsOf({ limit, saidBy, closedUntil, window }, now) {
  const known =
    limit === null || saidBy === null
      ? 'the vendor tells no limit: the pace is found out'
      : `the vendor allows ${count(limit)}: ${sources[saidBy]}`;
  const left =
    window !== null && window.resetAt > now
      ? `, ${count(window.remaining)} left until ${clock(window.resetAt, now)}`
      : '';
  const closed =
    closedUntil !== null && closedUntil > now ? `closed for ${duration(closedUntil - now)} more; ` : '';
  return `${closed}${known}${left}`;
}
