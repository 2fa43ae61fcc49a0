import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import Table from 'cli-table3';

import { alarmKinds } from '../../lib/on-call/alarm-kinds.ts';
import { deploymentOf } from './alarm-world.ts';
import { scenarios } from './scenarios.ts';
import { scenariosPage, type Told } from './scenarios-page.ts';
import { tellQuietDay, tellScenario } from './tell-scenario.ts';

/**
 * `npm run scenarios`: every alarm's story as a table. `--texts` prints what was sent, too; `--markdown` writes the table to
 * docs/scenarios.md.
 */

const deployment = deploymentOf({ connections: { mobaro: { streams: { users: {} } } } });
const told: Told[] = [];
for (const scenario of scenarios) {
  told.push({ scenario, story: await tellScenario(scenario, deployment) });
}
const quiet = await tellQuietDay(deployment);

if (process.argv.includes('--markdown')) {
  const page = path.join(import.meta.dirname, '../../docs/scenarios.md');
  await writeFile(page, await scenariosPage(told, quiet));
  console.log(`${page} has been written.`);
} else {
  const table = new Table({
    head: ['cause', 'alarm', 'severity', 's to be seen', 's to ALARM', 's to be well', 's to OK', 'sent'],
    colWidths: [44, 28, 10, 9, 9, 9, 9, 12],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { scenario, story } of told) {
    const spans = [story.toWrong, story.toAlarm, story.toWell, story.toOk];
    const sent = story.notices.map(({ state }) => state).join(', ');
    const { severity } = alarmKinds[scenario.kind];
    const seconds = spans.map(({ virtual }) => String(virtual));
    table.push([scenario.cause, scenario.alarm, severity, ...seconds, sent]);
  }
  console.log(table.toString());
  console.log(
    `A quiet day: ${String(quiet.requests)} requests, ${String(quiet.throttled)} of them told to come later, ` +
      `${String(quiet.unanswered)} not answered, ${String(quiet.notices.length)} notifications.`,
  );
  if (process.argv.includes('--texts')) {
    const letters = told.flatMap(({ story }) =>
      story.notices.map(
        ({ severity, subject, message }) =>
          `--- to ${severity}: ${subject ?? '(no subject)'}\n${JSON.stringify(JSON.parse(message), null, 2)}`,
      ),
    );
    console.log(letters.join('\n\n'));
  }
}
