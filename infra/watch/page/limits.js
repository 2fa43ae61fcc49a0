import { byId, element, keyed, setAttribute, setText } from './dom.js';
import { clock, count, duration } from './words.js';

/**
 * @typedef {import('../page-state.ts').PageState} PageState
 * @typedef {import('../page-state.ts').LimitView} LimitView
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
      const { closedUntil } = limit;
      const isClosed = closedUntil !== null && closedUntil > now;
      setText(node.querySelector('b'), isClosed ? `closed for ${duration(closedUntil - now)} more; ` : '');
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
      setText(node.querySelector('.small span'), wordsOf(limit, now));
    },
  );
}

/** @param {LimitView} limit */
function createLimit({ scope }) {
  return element('li', '', [
    element('span', 'scope', [scope]),
    element('span', 'figures'),
    element('meter'),
    element('span', 'small', [element('b'), element('span')]),
  ]);
}

/** @type {Readonly<Record<NonNullable<LimitView['saidBy']>, string>>} */
const sources = {
  settings: 'from your settings',
  vendor: 'told by the vendor',
  documentation: 'from its documentation',
};

/**
 * @param {LimitView} limit
 * @param {number} now
 */
function wordsOf({ limit, saidBy, window }, now) {
  if (limit === null || saidBy === null) return 'limit not told; the pace is found out';
  const left =
    window !== null && window.resetAt > now
      ? `; ${count(window.remaining)} left until ${clock(window.resetAt, now)}`
      : '';
  return `limit ${count(limit)}, ${sources[saidBy]}${left}`;
}
