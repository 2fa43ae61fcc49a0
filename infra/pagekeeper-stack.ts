import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import { Alarms } from './constructs/alarms.ts';
import { Connection } from './constructs/connection.ts';
import { OnCall } from './constructs/on-call.ts';
import { Tables } from './constructs/tables.ts';
import { Watchdog } from './constructs/watchdog.ts';
import type { Settings } from './settings.ts';

/** A whole deployment. It names no account and no region: they are those of whoever deploys it. */
export class PagekeeperStack extends Stack {
  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id, {
      stackName: settings.stackName,
      description: 'Pagekeeper: syncs vendors into DynamoDB on a schedule, one page at a time',
      terminationProtection: settings.keepsData,
    });
    const deployment = settings.stackName;
    const { retentionDays } = settings;
    const tables = new Tables(this, 'Tables', settings.keepsData);
    const onCall = new OnCall(this, 'OnCall', { deployment, ...settings.onCall });
    const alarms = new Alarms(this, 'Alarms', { deployment, topic: onCall.topic });
    const links = settings.connections.map(
      (connection) =>
        new Connection(this, `Connection-${connection.name}`, connection, {
          deployment,
          retentionDays,
          tables,
          alarms,
        }).link,
    );
    new Watchdog(this, 'Watchdog', { deployment, retentionDays, tables, alarms, links });

    new CfnOutput(this, 'OnCallTopicArn', {
      value: onCall.topic.topicArn,
      description: 'Alarms are published here; anything may subscribe',
    });
    new CfnOutput(this, 'RecordsTableName', { value: tables.records.tableName });
    new CfnOutput(this, 'CheckpointsTableName', { value: tables.checkpoints.tableName });
  }
}
