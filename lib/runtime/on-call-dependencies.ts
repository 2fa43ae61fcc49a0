import { dynamoDbClient, snsClient } from '../aws/clients.ts';
import { DynamoBreakers } from '../aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../aws/dynamo-checkpoints.ts';
import { DynamoIncidents } from '../aws/dynamo-incidents.ts';
import { DynamoToldAlarms } from '../aws/dynamo-told-alarms.ts';
import { SnsPeople } from '../aws/sns-people.ts';
import type { AlarmDependencies } from '../on-call/tell-alarm.ts';
import { systemClock } from './clock.ts';
import { readOnCallEnvironment } from './environment.ts';

/** Runs on a cold start only. */
export function bindOnCallDependencies(): AlarmDependencies {
  const { deployment, checkpointsTable, connections, topics, runbook, gatherMs } = readOnCallEnvironment(
    process.env,
  );
  const dynamoDb = dynamoDbClient();
  return {
    deployment,
    runbook,
    connections: connections.map(({ name, connector, streams }) => ({ name, connector, streams })),
    checkpoints: new DynamoCheckpoints(dynamoDb, checkpointsTable),
    breakers: new DynamoBreakers(dynamoDb, checkpointsTable),
    incidents: new DynamoIncidents(dynamoDb, checkpointsTable),
    alarms: new DynamoToldAlarms(dynamoDb, checkpointsTable),
    people: new SnsPeople(snsClient(), topics),
    clock: systemClock,
    gatherMs,
  };
}
