import { counted } from './words.js';

/**
 * How all of it stands, in one sentence. Pure.
 * @typedef {import('../page-state.ts').PageState} PageState
 * @typedef {import('../page-state.ts').Severity} Severity
 * @param {PageState} state
 * @returns {{ severity: Severity, text: string }}
 */
export function verdictOf({ process, streams, alarms }) {
  if (process.phase === 'starting')
    return { severity: 'new', text: `Starting: ${process.note ?? 'one moment'}` };
  const ringing = alarms.filter(({ state }) => state === 'ALARM').length;
  const bad = streams.filter(({ severity }) => severity === 'bad').length;
  const text = sentence(streams, ringing, bad);
  const severity = severityOf(streams, ringing + bad);
  if (process.phase === 'stopping') return { severity, text: `Stopping. ${text}` };
  if (process.phase === 'ended') return { severity, text: `It has ended. ${text}` };
  return { severity, text };
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
  const open = streams.filter(({ severity }) => severity === 'active' || severity === 'waiting').length;
  if (open > 0) return `Syncing ${open} of ${counted(streams.length, 'stream')}`;
  const complete = streams.filter(({ severity }) => severity === 'good').length;
  if (complete === streams.length) return `All quiet: ${counted(complete, 'stream')} complete`;
  return `${complete} of ${counted(streams.length, 'stream')} complete`;
}

/**
 * @param {PageState['streams']} streams
 * @param {number} troubles
 * @returns {Severity}
 */
function severityOf(streams, troubles) {
  if (troubles > 0) return 'bad';
  for (const severity of /** @type {const} */ (['active', 'waiting', 'note', 'new'])) {
    if (streams.some((stream) => stream.severity === severity)) return severity;
  }
  return 'good';
}
