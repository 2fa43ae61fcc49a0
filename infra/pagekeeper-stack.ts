import { Annotations, CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import type { SettingsDocument } from '../lib/runtime/settings-document.ts';
import { Alarms } from './constructs/alarms.ts';
import { ChangeLog } from './constructs/change-log.ts';
import { Connection } from './constructs/connection.ts';
import { Dashboard } from './constructs/dashboard.ts';
import { encryptOnceAllMayDecrypt } from './constructs/key-policy.ts';
import { Events } from './constructs/events.ts';
import { Lake } from './constructs/lake.ts';
import { OnCall } from './constructs/on-call.ts';
import { textsOfTeller } from '../lib/on-call/alarm-texts.ts';
import { queueConcurrencies } from './settings/queue-concurrency.ts';
import { Tables } from './constructs/tables.ts';
import { TellOnCall } from './constructs/tell-on-call.ts';
import { Watchdog } from './constructs/watchdog.ts';
import { settingsDocumentOf } from './settings/settings-document.ts';
import type { Settings } from './settings/settings.ts';

/** A whole deployment. It names no account and no region: the person who deploys it decides. */
export class PagekeeperStack extends Stack {
  /** What its functions go by. */
  readonly settings: SettingsDocument;

  /** @param unnested how many of the connections are in the stack itself, from the first on; the others get nested stacks */
  constructor(scope: Construct, id: string, settings: Settings, unnested: number) {
    super(scope, id, {
      stackName: settings.stackName,
      description: 'Pagekeeper: syncs vendors into DynamoDB on a schedule, one page at a time',
      terminationProtection: settings.keepsData,
    });
    const deployment = settings.stackName;
    const { retentionDays, kmsKey: key } = settings;
    this.settings = settingsDocumentOf(settings);
    if (key !== null) {
      // Nothing looks into the account before it is deployed, and CloudFormation would name a service and not the cure.
      Annotations.of(this).addInfo(
        'pagekeeper.kmsKey: its own policy has to let this deployment in before it is deployed; npx pagekeeper policy key prints the statements.',
      );
    }
    const tables = new Tables(this, 'Tables', settings);
    const onCall = new OnCall(this, 'OnCall', {
      ...{ deployment, targets: settings.onCall, runbook: settings.runbookUrl, key },
    });
    const { fn: teller } = new TellOnCall(this, 'TellOnCall', {
      ...{ deployment, settings: this.settings, tables, onCall, retentionDays, key },
    });
    const alarms = new Alarms(this, 'Alarms', { deployment, onCall, teller });
    alarms.onTeller(teller, textsOfTeller(deployment).tellerErrors);
    const concurrencies = queueConcurrencies(settings.connections.map(({ streams }) => streams.length));
    const connections = settings.connections.map(
      (connection, index) =>
        new Connection(this, `Connection-${connection.name}`, connection, {
          isNested: index >= unnested,
          onCall,
          teller,
          settings: this.settings,
          egress: settings.egress,
          key,
          keepsData: settings.keepsData,
          queueConcurrency: concurrencies[index] ?? 2,
          deployment,
          retentionDays,
          tables,
          alarms,
        }),
    );
    const links = connections.map(({ link }) => link);
    const watchdog = new Watchdog(this, 'Watchdog', {
      ...{ deployment, settings: this.settings, retentionDays, tables, alarms, onCall, links, key },
    });

    const { changes, keepsData } = settings;
    const { Records: streamArn, Checkpoints: checkpointsStream } = tables.streamArns;
    const changeLog =
      changes === null || streamArn === null
        ? null
        : new ChangeLog(this, 'Changes', {
            ...{ deployment, settings: this.settings, changes, streamArn },
            ...{ records: tables.records, checkpoints: tables.checkpoints, ticks: watchdog.ticks },
            ...{ retentionDays, key, keepsData, alarms },
          });

    if (changes !== null && changeLog !== null && settings.lake) {
      const { bucket } = changeLog;
      new Lake(this, 'Lake', { deployment, connections: settings.connections, changes, bucket, key });
    }

    const events =
      checkpointsStream === null
        ? null
        : new Events(this, 'Events', {
            ...{ deployment, settings: this.settings, streamArn: checkpointsStream, changeLog },
            ...{ retentionDays, key, alarms },
          });

    // The id of the first version: with another one an upgrade would make a second dashboard of the same name.
    new Dashboard(this, 'Observatory', {
      ...{ deployment, connections, watchdog, tables, changeLog, events },
      alarms: [...alarms.names, ...connections.flatMap((connection) => connection.alarms)],
    });

    new CfnOutput(this, 'OnCallTopicArn', {
      value: onCall.topics.page.topicArn,
      description: 'Alarms that page on-call are published here; anything may subscribe',
    });
    new CfnOutput(this, 'TicketsTopicArn', {
      value: onCall.topics.ticket.topicArn,
      description: 'Alarms that can wait for the morning are published here; anything may subscribe',
    });
    new CfnOutput(this, 'RecordsTableName', { value: tables.records.tableName });
    new CfnOutput(this, 'CheckpointsTableName', { value: tables.checkpoints.tableName });
    if (key !== null) encryptOnceAllMayDecrypt(this);
  }
}
