import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { DynamoIncidents } from '../../../lib/aws/dynamo-incidents.ts';
import { DynamoToldAlarms } from '../../../lib/aws/dynamo-told-alarms.ts';
import { describeIncidents } from '../../support/contracts/incidents.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

describeIncidents('DynamoIncidents', () => new DynamoIncidents(dynamoDb.client, dynamoDb.checkpointsTable));

describe('DynamoToldAlarms', () => {
  it('knows what was told of an alarm, and lets one of two write it', async () => {
    const alarms = new DynamoToldAlarms(dynamoDb.client, dynamoDb.checkpointsTable);
    const name = 'Pagekeeper mobaro dead letters';
    expect(await alarms.read(name)).toBeUndefined();
    const told = { name, revision: 0, onSince: 7, at: 8 };
    expect(await alarms.replace(told)).toEqual({ ...told, revision: 1 });
    expect(await alarms.replace(told)).toBeUndefined();
    expect(await alarms.read(name)).toEqual({ ...told, revision: 1 });
  });
});
