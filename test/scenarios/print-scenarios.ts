import Table from 'cli-table3';

import { alarmKinds } from '../../infra/constructs/alarm-kinds.ts';
import { AlarmWorld, deploymentOf } from './alarm-world.ts';
import { scenarios, well } from './scenarios.ts';
import { tellScenario } from './tell-scenario.ts';

/** `npm run scenarios`: every alarm's story as a table, and its notification as it was sent. `--texts` shows those whole. */

const texts = process.argv.includes('--texts');
const deployment = deploymentOf({ connections: { mobaro: { streams: { users: {} } } } });
const table = new Table({
  head: ['cause', 'alarm', 'severity', 'min to ALARM', 'min to OK', 'sent', 'real s'],
  colWidths: [44, 28, 10, 10, 8, 12, 8],
  wordWrap: true,
  style: { head: [], border: [] },
});
const letters: string[] = [];

for (const scenario of scenarios) {
  const startedAt = performance.now();
  const { toAlarm, toOk, notices } = await tellScenario(scenario, deployment);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const { severity } = alarmKinds[scenario.kind];
  const sent = notices.map(({ state }) => state).join(', ');
  table.push([scenario.cause, scenario.alarm, severity, String(toAlarm), String(toOk), sent, seconds]);
  letters.push(
    ...notices.map(
      ({ severity: topic, subject, message }) =>
        `--- to ${topic}: ${subject ?? '(no subject)'}\n${JSON.stringify(JSON.parse(message), null, 2)}`,
    ),
  );
}

let asked = 0;
const quiet = new AlarmWorld(deployment, {
  vendor: (request) => {
    asked += 1;
    if (asked % 15 === 4) return { status: 429, headers: { 'retry-after': '20' } };
    return asked % 15 === 9 ? { status: 503 } : well(request);
  },
});
await quiet.pass(24 * 60);

console.log(table.toString());
console.log(
  `A quiet day: ${String(asked)} requests, ` +
    `${String(quiet.sync.measured.requests.filter(Boolean).length)} of them told to come later, ` +
    `${String(quiet.notices.length)} notifications.`,
);
if (texts) console.log(letters.join('\n\n'));
