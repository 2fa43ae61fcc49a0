import { deploymentOf } from './deployment.ts';
import { scenarios } from './scenarios.ts';
import { tellScenario, tellQuietDay } from './tell-scenario.ts';
const deployment = deploymentOf({ connections: { mobaro: { streams: { users: {} } } } });
const want = process.argv[2] === undefined ? null : Number(process.argv[2]);
for (const [i, s] of scenarios.entries()) {
  if (want !== null && want !== i) continue;
  const t0 = performance.now();
  try {
    const { notices, ...r } = await tellScenario(s, deployment);
    console.log(i, s.alarm, '|', s.cause, JSON.stringify(r), Math.round(performance.now() - t0));
    for (const n of notices) {
      console.log('   ', new Date(n.at).toISOString().slice(11, 19), n.to, n.severity, n.by, n.subject);
      if (want !== null) console.log(n.text);
    }
  } catch (e) {
    console.log(i, s.alarm, s.cause, String(e), e.errors ?? '');
  }
}
if (want === null) {
  const q = await tellQuietDay(deployment);
  console.log(q.requests, q.throttled, q.unanswered, q.inAlarm, q.notices.map((n) => n.to + n.subject));
}
