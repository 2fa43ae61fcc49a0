import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import Table from 'cli-table3';

import { alarmKinds } from '../../lib/on-call/alarm-kinds.ts';
import { deploymentOf } from './deployment.ts';
import {
  deploymentOfFour,
  failuresOfTelling,
  incidentStories,
  liveIncident,
  type IncidentStory,
} from './incident-stories.ts';
import { scenarios } from './scenarios.ts';
import { scenariosPage, type LivedStory } from './scenarios-page.ts';
import { tellQuietDay, tellScenario } from './tell-scenario.ts';
import type { Notice } from './topics.ts';

/**
 * `npm run scenarios`: every alarm's story as a table. `--texts` prints what was sent, too; `--markdown` writes the table to
 * docs/scenarios.md.
 */

const deployment = deploymentOf({ connections: { mobaro: { streams: { users: {} } } } });
const told: { scenario: (typeof scenarios)[number]; story: Awaited<ReturnType<typeof tellScenario>> }[] = [];
for (const scenario of scenarios) told.push({ scenario, story: await tellScenario(scenario, deployment) });
const quiet = await tellQuietDay(deployment);

const ofFour = deploymentOfFour();
const live = async (stories: readonly IncidentStory[]): Promise<readonly LivedStory[]> => {
  const lives: LivedStory[] = [];
  for (const story of stories) lives.push({ story, lived: await liveIncident(story, ofFour) });
  return lives;
};
const incidents = await live(incidentStories);
const failures = await live(failuresOfTelling);

if (process.argv.includes('--markdown')) {
  const page = path.join(import.meta.dirname, '../../docs/scenarios.md');
  await writeFile(page, await scenariosPage({ scenarios: told, incidents, failures, quiet }));
  console.log(`${page} has been written.`);
} else {
  const table = new Table({
    head: ['cause', 'alarm', 'severity', 'seen', 'ALARM', 'message', 'well', 'OK', 'end'],
    colWidths: [44, 26, 10, 9, 9, 9, 9, 9, 9],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { scenario, story } of told) {
    const { severity } = alarmKinds[scenario.kind];
    const spans = [story.toWrong, story.toAlarm, story.toMessage, story.toWell, story.toOk, story.toEnd];
    table.push([scenario.cause, scenario.alarm, severity, ...spans.map(String)]);
  }
  console.log(table.toString());
  console.log(
    `A quiet day: ${String(quiet.requests)} requests, ${String(quiet.throttled)} of them told to come later, ` +
      `${String(quiet.unanswered)} not answered, ${String(quiet.notices.length)} messages.`,
  );
  if (process.argv.includes('--texts')) {
    for (const { scenario, story } of told) printTexts(scenario.cause, story.notices);
    for (const { story, lived } of [...incidents, ...failures]) printTexts(story.title, lived.notices);
  }
}

function printTexts(title: string, notices: readonly Notice[]): void {
  console.log(`\n=== ${title}`);
  for (const { to, severity, subject, text, json } of notices) {
    console.log(`\n--- to ${to}, ${severity}: ${subject ?? '(no subject)'}`);
    if (text !== json) console.log(`${text}\n`);
    console.log(JSON.stringify(JSON.parse(json), null, 2));
  }
}
