import { byId } from './dom.js';

/**
 * @typedef {import('../page-state.ts').PageState} PageState
 */

/** Who listens is not to be talked over. */
const betweenMs = 5000;

/** @type {string[]} */
let waiting = [];
let quietUntil = 0;

/**
 * What a person who does not look is told: alarms, and streams that get into trouble or out of it. Pages are not. Pure.
 * @param {PageState} before
 * @param {PageState} after
 * @returns {string[]}
 */
export function newsOf(before, after) {
  const alarms = new Map(before.alarms.map(({ name, state }) => [name, state]));
  const severities = new Map(before.streams.map(({ stream, severity }) => [stream, severity]));
  return [
    ...after.alarms.flatMap(({ name, state }) => {
      const was = alarms.get(name) === 'ALARM';
      if (was === (state === 'ALARM')) return [];
      return [was ? `Alarm is over: ${name}.` : `Alarm: ${name}.`];
    }),
    ...after.streams.flatMap(({ stream, severity, words }) => {
      const was = severities.get(stream);
      if (was === severity || (was !== 'bad' && severity !== 'bad')) return [];
      return [`${stream}: ${words}.`];
    }),
  ];
}

/** @param {readonly string[]} news */
export function announce(news) {
  if (news.length === 0) return;
  waiting.push(...news);
  const wait = Math.max(0, quietUntil - Date.now());
  quietUntil = Math.max(quietUntil, Date.now() + betweenMs);
  setTimeout(speak, wait);
}

function speak() {
  if (waiting.length === 0) return;
  byId('announcer').textContent = waiting.join(' ');
  waiting = [];
}
