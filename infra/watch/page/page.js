import { announce, newsOf } from './announce.js';
import { showAlarms } from './alarms.js';
import { byId, element, keyed, setAttribute, setText, setSeverity, shape } from './dom.js';
import { showLimits } from './limits.js';
import { listen } from './live.js';
import { changed } from './state.js';
import { storyOf } from './story.js';
import { showStreams } from './streams.js';
import { verdictOf } from './verdict.js';
import { clock, counted } from './words.js';

/**
 * @typedef {import('../page-state.ts').PageState} PageState
 */

/** @type {PageState | null} */
let state = null;
/** The server's clock may not be the browser's, where a port is forwarded. */
let ahead = 0;
/** When the connection was lost; null while it stands. @type {number | null} */
let lostAt = null;
let isDue = false;

listen({
  onSnapshot: (snapshot) => {
    // A newer Pagekeeper serves a newer page.
    if (state !== null && state.version !== snapshot.version) location.reload();
    ahead = snapshot.now - Date.now();
    lostAt = null;
    take(snapshot);
  },
  onChange: (change) => {
    if (state !== null) take(changed(state, change));
  },
  onLost: () => {
    lostAt ??= Date.now() + ahead;
    showSoon();
  },
});

// Countdowns go on without any event.
setInterval(showSoon, 1000);
// A frame that was waited for when the page went into the background does not come there.
document.addEventListener('visibilitychange', showNow);
showSoon();

/** @param {PageState} next */
function take(next) {
  if (state !== null) announce(newsOf(state, next));
  state = next;
  showSoon();
}

/** Once for all that came since the last frame. */
function showSoon() {
  if (isDue) return;
  isDue = true;
  // In the background there are no frames, and the title of the tab is what is looked at.
  if (document.hidden) setTimeout(showNow, 500);
  else requestAnimationFrame(showNow);
}

function showNow() {
  isDue = false;
  show();
}

function show() {
  // Countdowns would go on without anybody who counts.
  const now = lostAt ?? Date.now() + ahead;
  showConnection(now);
  if (state === null) return;
  showVerdict(state);
  showAlarms(state, now);
  showStreams(state, now);
  showStory(state, now);
  showLimits(state, now);
}

/** @param {number} now */
function showConnection(now) {
  const node = byId('connection');
  const lost = lostAt !== null;
  setAttribute(node, 'class', `connection ${lost ? 'lost' : state === null ? '' : 'live'}`);
  setAttribute(document.body, 'class', lost ? 'stale' : '');
  if (lost) {
    setText(
      node,
      state === null ? 'no connection, trying again' : `connection lost at ${clock(now, now)}, trying again`,
    );
  } else if (state !== null) setText(node, 'live');
}

/** @param {PageState} current */
function showVerdict(current) {
  const node = byId('verdict');
  if (node.firstChild === null) node.append(shape(), element('span'));
  const { severity, text } = verdictOf(current);
  setAttribute(node, 'class', `verdict severity-${severity}`);
  setSeverity(node, severity);
  setText(node.querySelector('span'), text);
  const { deployment } = current.process;
  // The usual name of the stack says nothing that the heading does not.
  setText(byId('deployment'), deployment === null || deployment === 'Pagekeeper' ? '' : deployment);
  const ringing = current.alarms.filter((alarm) => alarm.state === 'ALARM').length;
  document.title = ringing === 0 ? 'Pagekeeper' : `(${counted(ringing, 'alarm')}) Pagekeeper`;
  setAttribute(byId('icon'), 'href', severity === 'bad' ? '/icon-trouble.svg' : '/icon-quiet.svg');
}

/**
 * @param {PageState} current
 * @param {number} now
 */
function showStory({ events }, now) {
  const entries = storyOf(events);
  byId('story-empty').hidden = entries.length > 0;
  keyed(
    byId('story'),
    entries,
    ({ id }) => String(id),
    () =>
      element('li', '', [element('time'), shape(), element('div', '', [element('b'), ' ', element('span')])]),
    (node, { at, severity, stream, text, until }) => {
      setAttribute(node, 'class', `severity-${severity}`);
      setSeverity(node, severity);
      const time = node.querySelector('time');
      setText(time, clock(at, now));
      setAttribute(time, 'datetime', new Date(at).toISOString());
      setText(node.querySelector('b'), stream ?? '');
      const then = until === null ? '' : `, again at ${clock(until, now)}`;
      setText(node.querySelector('div span'), `${text}${then}`);
    },
  );
}
