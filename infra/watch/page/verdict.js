import { counted } from './words.js';

/**
 * How all of it stands, in one sentence. Pure.
 * @typedef {import('../page-state.ts').PageState} PageState
 * @typedef {import('../page-state.ts').Tone} Tone
 * @param {PageState} state
 * @returns {{ tone: Tone, text: string }}
 */
export function verdictOf({ process, streams, alarms }) {
  if (process.phase === 'starting') return { tone: 'new', text: `Starting: ${process.note ?? 'one moment'}` };
  const ringing = alarms.filter(({ state }) => state === 'ALARM').length;
  const bad = streams.filter(({ tone }) => tone === 'bad').length;
  const text = sentence(streams, ringing, bad);
  const tone = toneOf(streams, ringing + bad);
  if (process.phase === 'stopping') return { tone, text: `Stopping. ${text}` };
  if (process.phase === 'ended') return { tone, text: `npm start has ended. ${text}` };
  return { tone, text };
}

/**
 * @param {PageState['streams']} streams
 * @param {number} ringing
 * @param {number} bad
 */
function sentence(streams, ringing, bad) {
  const stopped = bad === 0 ? '' : `${counted(bad, 'stream')} in trouble`;
  if (ringing > 0)
    return [`${counted(ringing, 'alarm')} on`, stopped].filter((part) => part !== '').join(', ');
  if (bad > 0) return `${stopped}, no alarm yet`;
  const open = streams.filter(({ tone }) => tone === 'active' || tone === 'waiting').length;
  if (open > 0) return `Syncing ${open} of ${counted(streams.length, 'stream')}`;
  const complete = streams.filter(({ tone }) => tone === 'good').length;
  if (complete === streams.length) return `All quiet: ${counted(complete, 'stream')} complete`;
  return `${complete} of ${counted(streams.length, 'stream')} complete`;
}

/**
 * @param {PageState['streams']} streams
 * @param {number} troubles
 * @returns {Tone}
 */
function toneOf(streams, troubles) {
  if (troubles > 0) return 'bad';
  for (const tone of /** @type {const} */ (['active', 'waiting', 'note', 'new'])) {
    if (streams.some((stream) => stream.tone === tone)) return tone;
  }
  return 'good';
}
