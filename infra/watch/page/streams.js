import { byId, element, keyed, setAttribute, setText, setSeverity, shape, svg } from './dom.js';
import { marksOf, spanOf } from './lane.js';
import { ago, clock, coarsely, count, counted, countInWords, duration } from './words.js';

/**
 * @typedef {import('../page-state.ts').PageState} PageState
 * @typedef {import('../page-state.ts').StreamView} StreamView
 */

/**
 * The table of the streams.
 * @param {PageState} state
 * @param {number} now
 */
export function showStreams({ streams, events }, now) {
  const span = spanOf(now - (events[0]?.at ?? now));
  setText(byId('lane-title'), `${duration(span)} ago`);
  const ofStream = Map.groupBy(events, ({ stream }) => stream);
  keyed(
    byId('streams'),
    streams,
    ({ stream }) => stream,
    createRow,
    (row, stream) => {
      setAttribute(row, 'class', `severity-${stream.severity}`);
      showState(row, stream, now);
      showLane(row, marksOf(ofStream.get(stream.stream) ?? [], now, span));
      showRun(row, stream);
      showTimes(row, stream, now);
    },
  );
}

/** @param {StreamView} stream */
function createRow({ stream, connection }) {
  const own = connection.length + 1;
  const name = element('th', 'name', [
    element('span', 'dim', [stream.slice(0, own)]),
    element('span', 'own', [stream.slice(own)]),
  ]);
  name.scope = 'row';
  name.setAttribute('role', 'rowheader');
  const state = cell('state', 'State', [
    element('span', 'outcome', [shape(), element('b')]),
    element('span', 'small why'),
  ]);
  const lane = svg('svg', { class: 'lane', 'aria-hidden': 'true', focusable: 'false' });
  const run = cell('run', 'Run', [
    element('span', 'figures'),
    element('progress'),
    element('span', 'small counts'),
  ]);
  const complete = cell('complete', 'Last complete', [element('time'), element('span', 'small')]);
  const next = cell('next', 'Next tick', [element('time'), element('span', 'small')]);
  const row = element('tr', '', [name, state, cell('lane-cell', 'Lately', [lane]), run, complete, next]);
  row.setAttribute('role', 'row');
  return row;
}

/**
 * @param {string} className
 * @param {string} label said before it where the table has no head, on a narrow screen
 * @param {readonly Element[]} children
 */
function cell(className, label, children) {
  const made = element('td', className, children);
  made.setAttribute('role', 'cell');
  made.dataset['label'] = label;
  return made;
}

/**
 * @param {Element} row
 * @param {StreamView} stream
 * @param {number} now
 */
function showState(row, stream, now) {
  const outcome = row.querySelector('.outcome');
  if (outcome !== null) setSeverity(outcome, stream.severity);
  setText(row.querySelector('.outcome b'), stream.outcome);
  setText(row.querySelector('.why'), whyOf(stream, now));
}

/**
 * @param {StreamView} stream
 * @param {number} now
 */
function whyOf({ outcome, words, reason, waitingUntil, attempt, haltedSince, position }, now) {
  if (waitingUntil !== null) {
    const when = waitingUntil > now ? `again in ${duration(waitingUntil - now)}` : 'again now';
    return [reason ?? words, when, ...(attempt > 0 ? [`try ${attempt} failed`] : [])].join(', ');
  }
  if (outcome === 'running') return position === null ? words : `${words}, at ${position}`;
  const since = haltedSince === null ? '' : ` since ${clock(haltedSince, now)}`;
  return `${words}${since}${reason === null ? '' : `: ${reason}`}`;
}

const height = 24;

/**
 * @param {Element} row
 * @param {import('./lane.js').Mark[]} marks
 */
function showLane(row, marks) {
  const lane = row.querySelector('.lane');
  if (lane === null) return;
  const grid = [25, 50, 75].map((x) =>
    svg('line', { class: 'grid', x1: `${x}%`, x2: `${x}%`, y1: '0', y2: String(height) }),
  );
  const ground = svg('line', { class: 'ground', x1: '0', x2: '100%', y1: '12', y2: '12' });
  lane.replaceChildren(...grid, ground, ...marks.map(drawn));
}

/** @param {import('./lane.js').Mark} mark */
function drawn({ kind, severity, from, to }) {
  const x = `${from.toFixed(2)}%`;
  if (kind === 'page') return svg('rect', { class: 'page', x, y: '5', width: '2', height: '14' });
  if (kind === 'wait') {
    const width = `${Math.max(0.4, to - from).toFixed(2)}%`;
    return svg('rect', { class: 'wait', x, y: '10', width, height: '4' });
  }
  // A symbol stands where it begins: this one is to stand in the middle of its moment, and whole.
  const place = `${Math.max(1.2, Math.min(98.8, from)).toFixed(2)}%`;
  const mark = svg('svg', { x: place, y: '5', overflow: 'visible', class: `end severity-${severity}` });
  mark.append(svg('use', { href: `#shape-${severity}`, x: '-7', y: '0', width: '14', height: '14' }));
  return mark;
}

/**
 * @param {Element} row
 * @param {StreamView} stream
 */
function showRun(row, { stream, run }) {
  const bar = row.querySelector('progress');
  const goal = run?.isOpen === true ? run.pagesBefore : null;
  setText(row.querySelector('.figures'), run === null ? '' : pagesInWords(run.pages, goal));
  if (bar !== null) {
    bar.hidden = goal === null;
    if (run !== null && goal !== null) {
      bar.max = Math.max(goal, run.pages, 1);
      bar.value = run.pages;
      setAttribute(bar, 'aria-label', `${stream}: ${pagesInWords(run.pages, goal)}`);
    }
  }
  const counts = Object.entries(run?.counts ?? {})
    .filter(([, value]) => value > 0)
    .map(([name, value]) => countInWords(name, value));
  setText(row.querySelector('.counts'), counts.join(', '));
}

/**
 * @param {number} pages
 * @param {number | null} goal
 */
function pagesInWords(pages, goal) {
  return goal === null || goal < pages
    ? counted(pages, 'page')
    : `${count(pages)} of about ${counted(goal, 'page')}`;
}

/**
 * @param {Element} row
 * @param {StreamView} stream
 * @param {number} now
 */
function showTimes(row, { completedAt, nextTick, schedule, stoppedBy }, now) {
  const complete = row.querySelector('.complete');
  setTime(complete, completedAt, completedAt === null ? 'never' : ago(completedAt, now));
  setText(row.querySelector('.complete .small'), completedAt === null ? '' : clock(completedAt, now));
  const next = row.querySelector('.next');
  // A tick that does nothing is nothing to wait for.
  const at = stoppedBy === null ? nextTick : null;
  setTime(
    next,
    at,
    at === null
      ? stoppedBy === null
        ? ''
        : stoppedBy === 'halted'
          ? 'once fixed'
          : 'once resumed'
      : until(at, now),
  );
  setText(row.querySelector('.next .small'), at === null ? '' : clock(at, now, false));
  setAttribute(next, 'title', schedule);
}

/**
 * @param {number} at
 * @param {number} now
 */
function until(at, now) {
  return at <= now ? 'now' : `in ${coarsely(at - now)}`;
}

/**
 * @param {Element | null} cell
 * @param {number | null} at
 * @param {string} text
 */
function setTime(cell, at, text) {
  const node = cell?.querySelector('time') ?? null;
  setText(node, text);
  setAttribute(node, 'datetime', at === null ? '' : new Date(at).toISOString());
}
