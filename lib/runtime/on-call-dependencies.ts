import { dynamoDbClient, snsClient } from '../aws/clients.ts';
import { DynamoBreakers } from '../aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../aws/dynamo-checkpoints.ts';
import { DynamoIncidents } from '../aws/dynamo-incidents.ts';
import { DynamoMutes } from '../aws/dynamo-mutes.ts';
import { DynamoToldAlarms } from '../aws/dynamo-told-alarms.ts';
import { SnsMachines } from '../aws/sns-machines.ts';
import { SnsPeople } from '../aws/sns-people.ts';
import { typed } from '../on-call/alarm-text.ts';
import { typedOnLaptop } from '../on-call/message.ts';
import type { AlarmDependencies } from '../on-call/tell-alarm.ts';
import type { OnCallConnection } from '../on-call/tell-incidents.ts';
import type { UntoldDependencies } from '../on-call/tell-untold.ts';
import { systemClock } from './clock.ts';
import { readOnCallEnvironment, readUntoldEnvironment } from './environment.ts';
import { logFault } from './logger.ts';

/** Runs on a cold start only. */
export function bindOnCallDependencies(): AlarmDependencies {
  const environment = readOnCallEnvironment(process.env);
  const { checkpointsTable, machines, runbook, region, gatherMs } = environment;
  return {
    ...untoldOf(environment),
    alarms: new DynamoToldAlarms(dynamoDbClient(), checkpointsTable),
    machines: new SnsMachines(snsClient(), machines),
    faults: { note: logFault },
    ...{ runbook, region, gatherMs },
  };
}

/** Of the watchdog; null while a deployment changes it. Runs on a cold start only. */
export function bindUntoldDependencies(): ReturnType<typeof untoldOf> | null {
  const environment = readUntoldEnvironment(process.env);
  return environment && untoldOf(environment);
}

function untoldOf({
  deployment,
  checkpointsTable,
  connections,
  topics,
  dataOption,
}: NonNullable<ReturnType<typeof readUntoldEnvironment>>): UntoldDependencies & {
  readonly connections: readonly OnCallConnection[];
} {
  const dynamoDb = dynamoDbClient();
  return {
    deployment,
    typed: dataOption === null ? typed : typedOnLaptop(dataOption),
    connections: connections.map(({ name, connector, streams }) => ({ name, connector, streams })),
    checkpoints: new DynamoCheckpoints(dynamoDb, checkpointsTable),
    breakers: new DynamoBreakers(dynamoDb, checkpointsTable),
    incidents: new DynamoIncidents(dynamoDb, checkpointsTable),
    mutes: new DynamoMutes(dynamoDb, checkpointsTable),
    people: new SnsPeople(snsClient(), topics),
    clock: systemClock,
  };
}
