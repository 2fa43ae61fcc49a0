import type { Scenario } from './scenario.ts';
import type { StoryLine } from './world.ts';

/** How many lines from the end are worth reading. */
const longest = 120;

/** What there was and what happened, for people: time, who, what. */
export function tellStory(scenario: Scenario, story: readonly StoryLine[]): string {
  const streams = scenario.connections.flatMap(({ group, streams }) =>
    streams.map(
      ({ name, rows, pageSize, cap, continuation, attemptCap, deletionGuard, tombstoneRetentionDays }) =>
        `  ${name}: ${rows} rows, ${pageSize} a page (${cap} at most), by ${continuation}, ${attemptCap} attempts, limit ${group}, ` +
        `deletes ${deletionGuard.rows} or ${deletionGuard.percent} %, keeps them for ${tombstoneRetentionDays.toFixed(3)} days`,
    ),
  );
  const faults = scenario.faults.map((fault) => `  ${JSON.stringify(fault)}`);
  const left = story.length - longest;
  const lines = story.slice(-longest);
  const width = Math.max(0, ...lines.map(({ who }) => who.length));
  return [
    `rows come and go ${scenario.drift} runs; ticks every ${scenario.gapSeconds} s of`,
    ...streams,
    faults.length === 0 ? 'no fault' : 'faults:',
    ...faults,
    `changes are published by ${JSON.stringify(scenario.publishing)}`,
    `people are told by ${JSON.stringify(scenario.telling)}`,
    '',
    ...(left > 0 ? [`  (${left} lines before)`] : []),
    ...lines.map(({ time, who, what }) => `${clockOf(time)}  ${who.padEnd(width)}  ${what}`),
  ].join('\n');
}

/** 3,723,045 ms is 1:02:03.045. */
function clockOf(ms: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const hours = Math.floor(seconds / 3600);
  const millis = String(ms % 1000).padStart(3, '0');
  return `${String(hours).padStart(3)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${millis}`;
}
